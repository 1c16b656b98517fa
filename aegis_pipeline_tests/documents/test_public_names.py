"""What the room exports."""

import aegis_pipeline.documents as room


def test_documents_all_equals_exports() -> None:
    assert len(set(room.__all__)) == len(room.__all__)
    assert all(hasattr(room, name) for name in room.__all__)
