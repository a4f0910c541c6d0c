//! Whatever a browser may send as a passkey: JSON around it, CBOR in it, authenticator data in that. Nothing may crash, and nothing invented may verify.
#![no_main]
#[path = "../../crates/world/src/soft_passkey.rs"]
mod soft_passkey;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use factors::passkeys::{Answer, Question, Registered, Relying, decide};
use kernel::PersonId;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use soft_passkey::SoftPasskey;
use std::sync::LazyLock;
use uuid::Uuid;

const ORIGIN: &str = "https://door.example.org";
const PERSON: PersonId = PersonId(Uuid::from_u128(0xa));

struct Desk {
    relying: Relying,
    new: Question,
    asked: Question,
    registered: Registered,
}

/// Questions with challenges that no input knows, and a key that no input holds.
static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let relying = Relying::new("door.example.org", ORIGIN).expect("a name");
    let ask = || {
        relying
            .ask_new(PERSON, "ana@b.example", "Ana", &[], false)
            .expect("a question")
    };
    let (first, new) = (ask(), ask());
    let started = json!({ "ceremony": Uuid::nil(), "publicKey": first.options });
    let body = SoftPasskey::new(ORIGIN).create(&started);
    let registered = relying
        .register(&first.state, &body["credential"], &[])
        .unwrap_or_else(|reason| panic!("{}", reason.id()));
    let asked = relying.ask(&[]).expect("a question");
    Desk {
        relying,
        new,
        asked,
        registered,
    }
});

fn client_data(kind: &str, question: &Question) -> String {
    let data =
        json!({ "type": kind, "challenge": question.options["challenge"], "origin": ORIGIN, "crossOrigin": false });
    BASE64.encode(data.to_string())
}

/// The bytes deep inside an answer that is right everywhere else.
fn registration(desk: &Desk, object: &[u8]) -> Value {
    let response = json!({ "clientDataJSON": client_data("webauthn.create", &desk.new), "attestationObject": BASE64.encode(object) });
    json!({ "id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response, "clientExtensionResults": {} })
}
fn assertion(desk: &Desk, data: &[u8], signature: &[u8]) -> Value {
    let response = json!({
        "clientDataJSON": client_data("webauthn.get", &desk.asked),
        "authenticatorData": BASE64.encode(data),
        "signature": BASE64.encode(signature),
        "userHandle": BASE64.encode(PERSON.0.as_bytes()),
    });
    let id = BASE64.encode(&desk.registered.credential_id);
    json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
}

fuzz_target!(|input: &[u8]| {
    let desk = &*DESK;
    let _ = decide::model_of(input);
    let _ = desk.relying.register(&desk.new.state, &registration(desk, input), &[]);
    let (signature, data) = input.split_at(input.len().min(72));
    let mut shown = vec![assertion(desk, data, signature)];
    if let Ok(value) = serde_json::from_slice::<Value>(input) {
        let _ = desk.relying.register(&desk.new.state, &value, &[]);
        shown.push(value);
    }
    for value in &shown {
        if let Some(answer) = Answer::read(value) {
            let _ = answer.is_of(PERSON, true);
            assert!(
                desk.relying
                    .verify(&desk.asked.state, &answer, &desk.registered.key)
                    .is_err()
            );
        }
    }
});
