import pytest

from vitrina.checks.viewer.serving import check_serving

GOOD = {
    "Content-Range": "bytes 0-9/100",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
}
ELSEWHERE = "https://viewer.example"


def test_a_partial_answer_with_its_place_open_to_all_is_right():
    assert check_serving(206, GOOD, origin=ELSEWHERE) == ()


def test_the_same_origin_needs_no_permission():
    assert check_serving(206, {"content-range": "bytes 0-9/100"}) == ()


@pytest.mark.parametrize(
    ("status", "headers", "word"),
    [
        (200, GOOD, "206"),
        (404, GOOD, "404"),
        (206, {**GOOD, "Content-Range": ""} | {"Content-Encoding": "gzip"}, "gzip"),
        (206, {name: value for name, value in GOOD.items() if name != "Content-Range"}, "Content-Range"),
        (206, {name: value for name, value in GOOD.items() if "Origin" not in name}, "Allow-Origin"),
        (206, {**GOOD, "Access-Control-Allow-Origin": "https://other.example"}, "https://other.example"),
        (206, {**GOOD, "Access-Control-Expose-Headers": "ETag"}, "Expose-Headers"),
    ],
)
def test_each_fault_is_one_error_that_names_it(status, headers, word):
    (finding,) = check_serving(status, headers, url="https://data.example/a.tif", origin=ELSEWHERE)
    assert (finding.code, finding.severity) == ("http-cors-range", "error")
    assert word in finding.message
    assert "https://data.example/a.tif" in finding.message


def test_a_whole_answer_to_a_whole_request_needs_no_range():
    assert check_serving(200, {"Access-Control-Allow-Origin": "*"}, is_ranged=False, origin=ELSEWHERE) == ()
