def test_me(ada, api):
    answer = api(ada).get("/v1/me")
    assert answer.status_code == 200, answer.content
    assert answer.json()["handle"] == "ada"


def test_follow(ada, bo, api, settle):
    assert api(ada).put("/v1/people/bo/follow").status_code == 204
    settle()
    body = api(ada).get("/v1/people/bo").json()
    assert body["viewer"]["follows"] is True
    assert body["counts"]["followers"] == 1
    assert api(None).get("/v1/me").status_code == 401
    print(api(ada).get("/v1/me/limits").json(), api(ada).get("/v1/openapi.json").status_code)
