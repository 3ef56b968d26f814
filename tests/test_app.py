"""Putting the program together over one database."""

from datetime import UTC, datetime

import pytest

from deploy.data_folder import DataFolder
from transfer.app import open_record, require_whole
from transfer.core.refusals import Conflict

pytestmark = pytest.mark.engines


def test_half_a_rehearsal_is_not_taken_for_the_whole(database_url: str, folder: DataFolder) -> None:
    with open_record(database_url, folder) as record:
        require_whole(record)
        record.log.mark_rehearsed("tr-2013")
        with pytest.raises(Conflict, match="broken off"):
            require_whole(record)
        record.log.mark_rehearsed("tr-2013", datetime(2014, 11, 1, tzinfo=UTC))
        require_whole(record)
