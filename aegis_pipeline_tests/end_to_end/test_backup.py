"""What docs/OPERATIONS.md says of backups, with the page's own commands: the whole home, the graph, the instance."""

import importlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import psycopg2
import pytest
import yaml
from dagster._core.test_utils import instance_for_test
from typer.testing import CliRunner

from aegis_pipeline import definitions
from aegis_pipeline.cli.main import app
from aegis_pipeline.defs.launch import RunSummary, run_batch
from aegis_pipeline.defs.partitions import batch_key
from aegis_pipeline.defs.resources import EncoderResource, NerModelResource, RelationExtractorResource
from aegis_pipeline.settings import settings
from aegis_pipeline_tests.defs.stored_state import stored_state
from aegis_pipeline_tests.fakes.encoder import FakeEncoder
from aegis_pipeline_tests.fakes.phases import FakeMentionExtractor, FakeRelationExtractor
from aegis_pipeline_tests.graph.served_worlds import run_cypher, run_sql
from aegis_pipeline_tests.servers.addresses import Neo4jServer, PostgresServer
from aegis_pipeline_tests.servers.postgres_recipe import binaries
