//! Proofs that are rightly signed and wrong all the same: claims of another type, missing, said twice; headers that ask for something. (S47, and what
//! of S03 concerns downloads.) Must never happen: a claim that is not looked at because it cannot be read.
use super::owner;
use serde_json::{Value, json};
use world::{Page, SoftAgent, World};

/// Claims of a proof with one of them as it is written here; none: left out.
fn with(claims: &Value, name: &str, written: Option<&str>) -> String {
    let mut all = claims.as_object().expect("claims").clone();
    all.remove(name);
    let mut text: Vec<String> = all
        .iter()
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    text.extend(written.map(|written| format!("{}:{written}", json!(name))));
    format!("{{{}}}", text.join(","))
}

async fn beat(agent: &SoftAgent, proof: &str) -> Page {
    let token = format!("DPoP {}", agent.token.as_deref().expect("a token"));
    let ask = agent
        .ask("heartbeat")
        .header("dpop", proof)
        .header("authorization", &token);
    ask.json(&json!({})).send().await
}

fn is_refused(page: &Page, what: &str) {
    assert_eq!(page.code(), 401, "{what}: {}", page.body);
}

/// What stands in the place of a number.
const NUMBERS: [&str; 13] = [
    "\"1795510800\"",
    "null",
    "{}",
    "[]",
    "true",
    "1e400",
    "-1",
    "0",
    "1795510800.5",
    "99999999999999999999",
    "9223372036854775807",
    "-9223372036854775808",
    "\"\"",
];

async fn working(world: &World) -> SoftAgent {
    let browser = owner(world).await;
    let mut agent = world.active_agent(&browser, "till-1").await;
    assert_eq!(agent.renew(world).await.code(), 200);
    agent
}

world::stories! {
    async fn s47_a_proof_of_a_call_with_claims_of_another_type_missing_or_twice_is_none(world) {
        let agent = working(&world).await;
        let key = serde_json::to_value(&agent.key.public).unwrap();
        let header = json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": key}).to_string();
        let claims = || serde_json::to_value(agent.dpop(&world, "heartbeat", true)).unwrap();
        let right = beat(&agent, &agent.key.sign_as_it_is(&header, &claims().to_string())).await;
        assert!([200, 204].contains(&right.code()), "{}", right.body);
        for number in NUMBERS {
            is_refused(&beat(&agent, &agent.key.sign_as_it_is(&header, &with(&claims(), "iat", Some(number)))).await, number);
        }
        for name in ["htm", "htu", "iat", "jti", "ath"] {
            is_refused(&beat(&agent, &agent.key.sign_as_it_is(&header, &with(&claims(), name, None))).await, name);
            for wrong in ["null", "1", "\"\"", "[\"x\"]", "{}"] {
                is_refused(&beat(&agent, &agent.key.sign_as_it_is(&header, &with(&claims(), name, Some(wrong)))).await, name);
            }
            // Said twice: whoever reads the first and whoever reads the last would not agree.
            let twice = claims();
            let again = with(&twice, "none", None).replacen('{', &format!("{{\"{name}\":{},", twice[name]), 1);
            is_refused(&beat(&agent, &agent.key.sign_as_it_is(&header, &again)).await, &format!("{name} twice"));
        }
        for claims in ["", "null", "[]", "{}", "\"x\"", "{\"iat\":"] {
            is_refused(&beat(&agent, &agent.key.sign_as_it_is(&header, claims)).await, claims);
        }
        assert_eq!(agent.state(&world).await, "active");
    }

    async fn a_header_that_asks_for_anything_is_no_header(world) {
        let agent = working(&world).await;
        let key = serde_json::to_value(&agent.key.public).unwrap();
        let claims = || serde_json::to_string(&agent.dpop(&world, "heartbeat", true)).unwrap();
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("HS256")),
            ("alg", json!("ES256")),
            ("alg", json!("eddsa")),
            ("alg", json!(null)),
            ("typ", json!("JWT")),
            ("typ", json!("dpop+JWT")),
            ("crit", json!(["exp"])),
            ("crit", json!([])),
            ("b64", json!(false)),
            ("zip", json!("DEF")),
            ("cty", json!("JWT")),
            ("kid", json!("../../master.key")),
            ("jku", json!(format!("{}/keys", world.origin()))),
            ("x5u", json!("http://127.0.0.1:1/")),
            ("x5c", json!(["AAAA"])),
            ("jwk", json!(null)),
            ("jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": key["x"], "d": "AAAA"})),
            ("jwk", json!({"kty": "OKP", "crv": "X25519", "x": key["x"]})),
            ("jwk", json!({"kty": "oct", "k": "AAAA"})),
        ] {
            let mut header = json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": key});
            header[name] = value.clone();
            is_refused(&beat(&agent, &agent.key.sign_as_it_is(&header.to_string(), &claims())).await, &format!("{name}: {value}"));
        }
        for header in ["", "null", "{}", "[]", r#"{"typ":"dpop+jwt","typ":"dpop+jwt","alg":"EdDSA"}"#] {
            is_refused(&beat(&agent, &agent.key.sign_as_it_is(header, &claims())).await, header);
        }
        let good = agent.key.sign(&agent.dpop(&world, "heartbeat", true));
        for bad in [format!("{good}."), format!("{good}="), format!(" {good} x"), good.replace('.', ".."), good[..good.len() - 2].to_owned(), "x".repeat(9_000)] {
            is_refused(&beat(&agent, &bad).await, &bad[bad.len().saturating_sub(20)..]);
        }
    }

    async fn s47_an_assertion_with_claims_of_another_type_missing_or_twice_is_none(world) {
        let agent = working(&world).await;
        let header = json!({"typ": "client-authentication+jwt", "alg": "EdDSA"}).to_string();
        let claims = || serde_json::to_value(agent.assertion(&world)).unwrap();
        let ask = async |assertion: String| {
            let mut body = agent.token_body(&world);
            body["client_assertion"] = json!(assertion);
            agent.with_key(&world, "token").json(&body).send().await
        };
        for name in ["iat", "exp"] {
            for number in NUMBERS {
                is_refused(&ask(agent.key.sign_as_it_is(&header, &with(&claims(), name, Some(number)))).await, &format!("{name} {number}"));
            }
        }
        for name in ["iss", "sub", "aud", "iat", "exp", "jti"] {
            is_refused(&ask(agent.key.sign_as_it_is(&header, &with(&claims(), name, None))).await, name);
            let value = claims()[name].clone();
            for wrong in ["null", "7", "{}", &json!([value]).to_string()] {
                is_refused(&ask(agent.key.sign_as_it_is(&header, &with(&claims(), name, Some(wrong)))).await, &format!("{name} {wrong}"));
            }
        }
        assert_eq!(agent.state(&world).await, "active");
    }

    async fn s03_what_is_fetched_without_a_session_holds_no_secret(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({"note": "canary of a note"})).await;
        let agent = world.active_agent(&browser, "till-1").await;
        let stranger = world.browser();
        for path in ["/pair.sh", "/pair.ps1", "/agents/linux-x86_64/doorward-agent", "/agents/linux-x86_64/doorward-agent.sig", "/agents/windows-x86_64/doorward-agent.exe", "/agents/../master.key", "/agents/linux-x86_64/..%2f..%2fmaster.key"] {
            let page = stranger.get(path).await;
            assert!(page.code() == 200 || page.code() == 404, "{path}: {}", page.code());
            for canary in [&key[8..], "canary of a note", agent.id(), "till-1", world::ORGANISATION] {
                assert!(!page.body.contains(canary), "{path} tells {canary}");
            }
            if page.code() == 200 {
                assert_eq!(browser.get(path).await.body, page.body, "{path} is another for somebody signed in");
            }
        }
        let script = stranger.get("/pair.sh").await;
        assert_eq!(script.code(), 200);
        assert!(script.body.starts_with("#!/bin/sh") && script.body.contains(world.origin()), "{}", script.body);
    }
}
