"""What the tests expect of every refusal of the API."""

from typing import Any

JSON = "application/json"
PROBLEM = "application/problem+json"


def check_problem(response: Any, status: int) -> dict[str, Any]:  # noqa: ANN401  # Django's tests
    problem: dict[str, Any] = response.json()
    assert response.status_code == status, problem
    assert response["Content-Type"] == PROBLEM
    assert response["X-Request-Id"]
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["status"] == status
    assert problem["detail"]
    assert set(problem) == {"type", "title", "status", "detail"} | (
        {"errors"} if status == 422 else set()
    )
    return problem


def check_fields(response: Any, *fields: str) -> None:  # noqa: ANN401  # Django's tests
    errors = check_problem(response, 422)["errors"]
    assert [set(error) for error in errors] == [{"field", "detail"}] * len(errors)
    assert sorted(error["field"] for error in errors) == sorted(fields)
    assert all(error["detail"] for error in errors)
