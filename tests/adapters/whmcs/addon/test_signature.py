"""The addon signs as Standard Webhooks say."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.whmcs.addon.php import run
from tests.webhooks.embedding import SECRET, sign

CODE = """
[$secret, $id, $body] = json_decode($argv[1], true);
echo json_encode(WHMCS\\Module\\Addon\\Deskside\\Signature::sign($secret, $id, 1700000000, $body));
"""
# The example of the specification (github.com/standard-webhooks/standard-webhooks, the libraries' own tests).
KNOWN = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": 1614265330,
    "body": '{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_example_of_the_specification_comes_out() -> None:
    found = run(
        "$k = json_decode($argv[1], true); echo json_encode(WHMCS\\Module\\Addon\\Deskside\\Signature::sign("
        "$k['secret'], $k['id'], $k['timestamp'], $k['body']));",
        json.dumps(KNOWN),
    )
    assert found == KNOWN["signature"]


@settings(max_examples=15, deadline=None)
@given(secret=st.sampled_from([SECRET, "plain", "whsec_not base64!"]), body=st.text(max_size=40))
def test_deskside_comes_to_the_same_signature(secret: str, body: str) -> None:
    expected_secret = secret if secret != "whsec_not base64!" else None
    found = run(CODE, json.dumps([secret, "evt_1", body]).replace("\\u0000", ""))
    if expected_secret:
        assert found == sign(expected_secret, "evt_1", "1700000000", body.replace("\0", "").encode())
    else:
        assert found.startswith("v1,")
