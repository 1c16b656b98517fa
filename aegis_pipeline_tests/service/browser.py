"""Dagster's UI in a real Chromium, which is the system's own: none is fetched."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREENSHOTS = os.environ.get("AEGIS_SCREENSHOTS")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_RUN_MILLISECONDS = 240_000
_PAGE_MILLISECONDS = 60_000


@contextmanager
def opened(address: str, profile: Path) -> Iterator["Ui"]:
    """A browser with the new profile ``profile``."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile), executable_path=CHROMIUM, args=list(_FLAGS), viewport={"width": 1600, "height": 900}
        )
        context.set_default_timeout(_PAGE_MILLISECONDS)
        try:
            yield Ui(context.new_page(), address)
        finally:
            context.close()


class Ui:
    """What an operator does in the UI."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address

    def see(self, *texts: str) -> None:
        """Wait until each text is on the page."""
        for text in texts:
            expect(self.page.get_by_text(text, exact=True).first).to_be_visible(timeout=_PAGE_MILLISECONDS)

    def open_assets(self) -> None:
        """The graph of the assets."""
        self._open("/locations/aegis_pipeline/asset-groups/knowledge_graph/lineage")

    def launch(self, batch: str) -> None:
        """Launch the job on a batch that the service knows, and follow it to its page."""
        self._open("/locations/aegis_pipeline/jobs/process_batch")
        self.page.get_by_role("button", name="Materialize all").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_text("Select a partition or create one").click()
        self.page.get_by_text(batch, exact=True).locator("visible=true").first.click()
        dialog.get_by_text("Launch runs to materialize").click()  # which closes the list
        dialog.get_by_role("button", name=re.compile("^Launch")).click()

    def open_run(self, run_id: str) -> None:
        """The page of a run."""
        self._open(f"/runs/{run_id}")

    def watch_success(self) -> None:
        """Wait until the run's own tag is that of a success."""
        expect(self.page.get_by_text("Success", exact=True).first).to_be_visible(timeout=_RUN_MILLISECONDS)

    def open_gate(self, asset: str, gate: str, batch: str) -> None:
        """What a gate of an asset says of a batch, whatever batch it judged last."""
        self._open(f"/assets/{asset}?view=checks")
        self.page.get_by_text(gate, exact=True).first.click()
        self.page.get_by_text("Partitions", exact=True).last.click()  # the first are the asset's
        self.page.get_by_text("Select a partition to view details").wait_for()
        self.page.get_by_text(batch, exact=True).locator("visible=true").last.click()

    def picture(self, name: str) -> None:
        """Keep what is seen, where ``AEGIS_SCREENSHOTS`` names a folder."""
        if SCREENSHOTS:
            self.page.wait_for_load_state("networkidle")
            self.page.wait_for_timeout(2_000)  # the last of the drawing
            self.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")

    def _open(self, path: str) -> None:
        self.page.goto(self._address + path)
