from __future__ import annotations

from vitrina.verbs.import_report import ImportTally


def test_what_neither_was_here_nor_came_was_left():
    tally = ImportTally()
    tally.count("artifact", found=5, known=2)
    tally.count("artifact", brought=1)
    (count,) = (one for one in tally.build_report(is_dry_run=False).counts if one.noun == "artifact")
    assert (count.found, count.known, count.brought, count.left) == (5, 2, 1, 2)


def test_the_same_words_of_many_things_are_one_finding_that_names_five():
    tally = ImportTally()
    for number in range(7):
        tally.tell("bytes-missing", "error", f"a{number}", "It has no bytes.")
    (finding,) = tally.build_report(is_dry_run=False).findings
    assert finding.message == "a0, a1, a2, a3, a4 and 2 more: It has no bytes."


def test_findings_come_worst_first_and_only_errors_make_an_import_incomplete():
    tally = ImportTally()
    tally.tell("key-made", "info", "a", "It has a key now.")
    tally.tell("bytes-changed", "warning", "a", "Its bytes changed.")
    assert tally.build_report(is_dry_run=False).is_complete
    tally.tell("bytes-missing", "error", "b", "It has no bytes.")
    report = tally.build_report(is_dry_run=False)
    assert [finding.severity for finding in report.findings] == ["error", "warning", "info"]
    assert not report.is_complete
