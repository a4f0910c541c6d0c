//! The program against a small server of the test: lost answers, wrong clocks, strange answers, other authorities.
mod fake;

use crate::{
    api::{Api, Trouble},
    client::{Client, NoAnswer},
    ending::Ending,
    folder::{CA, Folder, Ratchet},
    key, ops,
    pair::{self, Pair},
    server::Server,
    token,
};
use agent_wire::{InstallationKey, Marks};
use fake::{Answer, Asked, Fake, Place};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

const ID: &str = "019312b0-0000-7000-8000-000000000001";

fn now() -> i64 {
    crate::clock::Clock::own_millis() / 1_000
}
fn own(state: &str) -> Value {
    json!({ "agent_id": ID, "name": "desk", "state": state, "user_code": null, "verification_uri": null, "interval": 1, "time": now() })
}
fn no(status: u16, reason: &str) -> Answer {
    Answer::Json(
        status,
        json!({ "title": "No.", "detail": "Because.", "reason": reason }),
    )
}
/// What a server says to an agent that is let in at once.
fn usual(asked: &Asked) -> Answer {
    match asked.call.as_str() {
        "POST nonce" => Answer::Json(200, json!({ "nonce": "n", "time": now() })),
        "POST pair" => Answer::Json(
            201,
            json!({ "agent_id": ID, "state": "active", "user_code": null, "verification_uri": null, "interval": 1 }),
        ),
        "GET self" => Answer::Json(200, own("active")),
        "POST token" => {
            let step = asked.body["ratchet"]
                .as_str()
                .and_then(|value| value.parse::<u32>().ok())
                .unwrap_or(0);
            Answer::Json(
                200,
                json!({ "access_token": "t", "token_type": "DPoP", "expires_in": 600, "ratchet": (step + 1).to_string() }),
            )
        }
        "POST heartbeat" | "POST rotate" | "POST unpair" => Answer::Json(204, Value::Null),
        _ => Answer::Json(404, json!({})),
    }
}
/// The same, but the first answer to this call is lost.
fn losing(call: &'static str) -> impl Fn(&Asked) -> Answer + Send + 'static {
    let seen = AtomicU32::new(0);
    move |asked| {
        if asked.call == call && seen.fetch_add(1, Ordering::SeqCst) == 0 {
            return Answer::Lost;
        }
        usual(asked)
    }
}

fn installation_key() -> InstallationKey {
    (1..).find_map(|n| InstallationKey::new([n; 10])).unwrap()
}
fn wish(server: &str, root: PathBuf) -> Pair {
    Pair {
        server: Server::read(server).unwrap(),
        key: installation_key(),
        name: None,
        ca: None,
        wait: Duration::ZERO,
        on_first_boot: false,
        root,
    }
}
fn api(server: &str, folder: &Folder, has_ca: bool) -> Api {
    Api::new(Client::new(Server::read(server).unwrap(), folder, has_ca).unwrap())
}
fn words(trouble: Trouble) -> String {
    match trouble {
        Trouble::Answer(no) => no.words(),
        Trouble::Own(fault) => format!("{fault:?}"),
    }
}

#[test]
fn an_attempt_whose_answer_was_lost_is_repeated_and_a_new_value_is_stored() {
    let (fake, place) = (Fake::new(losing("POST token")), Place::new("lost-token"));
    let folder = Folder::make(&place.state()).unwrap();
    let (key, api) = (
        key::establish(&folder, "key").unwrap(),
        api(&fake.origin, &folder, false),
    );
    let id = ID.parse().unwrap();
    let ask = || token::renew(&api, &folder, &key, id, &Marks::default());
    assert!(matches!(ask(), Err(Trouble::Answer(NoAnswer::Unreachable(_)))));
    let kept = folder.ratchet().unwrap();
    assert!(kept.value.is_none() && kept.attempt.is_some(), "{kept:?}");
    ask().unwrap_or_else(|trouble| panic!("{}", words(trouble)));
    ask().unwrap_or_else(|trouble| panic!("{}", words(trouble)));
    let attempts: Vec<_> = fake
        .asked("POST token")
        .iter()
        .map(|asked| asked.body["attempt"].clone())
        .collect();
    assert_eq!(attempts[0], attempts[1]);
    assert_ne!(attempts[1], attempts[2]);
    let value = Some("2".to_owned());
    assert_eq!(folder.ratchet().unwrap(), Ratchet { value, attempt: None });
}

#[test]
fn a_lost_answer_and_a_second_run_of_pair_are_one_agent() {
    let (fake, place) = (Fake::new(losing("POST pair")), Place::new("lost-pair"));
    assert!(pair::pair(&place.state(), &wish(&fake.origin, place.system("desk"))).unwrap());
    let asked = fake.asked("POST pair");
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].body["public_key"], asked[1].body["public_key"]);
    assert_eq!(asked[0].body["facts"]["inventory"]["hostname"], "desk");
    assert!(asked[0].head.contains("doorward-agent: "), "{}", asked[0].head);
    assert!(pair::pair(&place.state(), &wish(&fake.origin, place.system("desk"))).unwrap());
    assert_eq!(fake.asked("POST pair").len(), 2, "it is paired already");
    let all = std::fs::read_dir(place.state()).unwrap().flatten();
    for file in all.filter_map(|entry| std::fs::read(entry.path()).ok()) {
        assert!(
            !String::from_utf8_lossy(&file).contains("DW-"),
            "the installation key stayed"
        );
    }
}

#[test]
fn an_id_that_never_arrived_is_asked_for_and_not_a_second_agent_made() {
    let place = Place::new("recalled");
    let lost = Fake::new(usual);
    assert!(pair::pair(&place.state(), &wish(&lost.origin, place.system("desk"))).unwrap());
    let folder = Folder::at(&place.state());
    let mut identity = folder.identity().unwrap().unwrap();
    identity.agent_id = None;
    folder.keep_identity(&identity).unwrap();
    let Ok(agent) = ops::open(&place.state()) else {
        panic!("it is not paired")
    };
    assert_eq!(agent.identity.agent_id, Some(ID.parse().unwrap()));
    assert_eq!(folder.identity().unwrap(), Some(agent.identity));
}

#[test]
fn a_wrong_clock_is_met_with_the_servers_time() {
    let seen = AtomicU32::new(0);
    let fake = Fake::new(move |asked| match asked.call.as_str() {
        "GET self" if seen.fetch_add(1, Ordering::SeqCst) == 0 => no(401, "AG-046"),
        "POST nonce" => Answer::Json(200, json!({ "nonce": "n", "time": now() - 7_200 })),
        _ => usual(asked),
    });
    let place = Place::new("clock");
    let folder = Folder::make(&place.state()).unwrap();
    let key = key::establish(&folder, "key").unwrap();
    let api = api(&fake.origin, &folder, false);
    api.own(&key).unwrap_or_else(|trouble| panic!("{}", words(trouble)));
    let proof = |n: usize| {
        let head = fake.asked("GET self")[n].head.clone();
        head.lines().find(|line| line.starts_with("dpop: ")).unwrap().to_owned()
    };
    assert_ne!(proof(0), proof(1), "the same proof was sent twice");
}

#[test]
fn what_is_no_answer_of_a_server_of_ours_is_told_and_never_followed() {
    let place = Place::new("strange");
    let folder = Folder::make(&place.state()).unwrap();
    let key = key::establish(&folder, "key").unwrap();
    let away = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    let long = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n{}",
        "x".repeat(200_000)
    );
    let page = "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n<html></html>";
    let elsewhere = "HTTP/1.1 421 Misdirected\r\ncontent-length: 0\r\n\r\n";
    for (raw, wanted) in [
        (away, "no Doorward server"),
        (long.as_str(), "cannot be reached"),
        (page, "no Doorward server"),
        (elsewhere, "does not go by this address"),
    ] {
        let raw = raw.to_owned();
        let fake = Fake::new(move |_| Answer::Raw(raw.clone()));
        let said = api(&fake.origin, &folder, false).own(&key).map_err(words);
        let said = said.err().unwrap_or_default();
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn a_busy_server_says_how_long_to_wait() {
    let place = Place::new("busy");
    let folder = Folder::make(&place.state()).unwrap();
    let key = key::establish(&folder, "key").unwrap();
    let fake = Fake::new(|_| no(503, "HT-001"));
    let Err(Trouble::Answer(told)) = api(&fake.origin, &folder, false).own(&key) else {
        panic!("it was answered")
    };
    assert_eq!(
        (told.retry_after(), told.may_pass(), told.is_over()),
        (Some(Duration::from_secs(7)), true, false)
    );
    assert_eq!(told.words(), "No. Because.");
}

#[test]
fn only_the_named_authorities_count_where_some_are_named() {
    let ((fake, pem), (_, other)) = (Fake::with_tls(usual), Fake::with_tls(usual));
    let place = Place::new("ca");
    let folder = Folder::make(&place.state()).unwrap();
    let key = key::establish(&folder, "key").unwrap();
    assert!(
        api(&fake.origin, &folder, false).own(&key).is_err(),
        "the system does not know it"
    );
    folder.write(CA, other.as_bytes()).unwrap();
    assert!(api(&fake.origin, &folder, true).own(&key).is_err(), "another authority");
    folder.write(CA, pem.as_bytes()).unwrap();
    let said = api(&fake.origin, &folder, true).own(&key);
    assert_eq!(said.map(|own| own.name).map_err(words), Ok("desk".to_owned()));
}

#[test]
fn a_key_that_the_server_may_have_taken_is_never_thrown_away() {
    let place = Place::new("next-key");
    let fake = Fake::new(losing("POST rotate"));
    let root = place.system("desk");
    assert!(pair::pair(&place.state(), &wish(&fake.origin, root.clone())).unwrap());
    let folder = Folder::at(&place.state());
    let before = folder.read("key").unwrap();
    assert!(ops::rotate(&place.state(), &root).is_err(), "its answer was lost");
    let next = folder.read("key.next").unwrap();
    assert!(next.is_some() && folder.read("key").unwrap() == before);
    // The server knows the next key, so that it is the key.
    assert!(ops::open(&place.state()).is_ok());
    assert_eq!(
        (folder.read("key").unwrap(), folder.read("key.next").unwrap()),
        (next, None)
    );
}

#[test]
fn a_run_beats_brings_its_inventory_and_ends_when_asked() {
    let (fake, place) = (Fake::new(usual), Place::new("run"));
    let root = place.system("desk");
    assert!(pair::pair(&place.state(), &wish(&fake.origin, root.clone())).unwrap());
    let ending = Ending::default();
    let (asked, state) = (ending.clone(), place.state());
    let running = std::thread::spawn(move || crate::run::run(&state, &root, &asked));
    for _ in 0..100 {
        if !fake.asked("POST heartbeat").is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    ending.ask();
    assert!(running.join().unwrap().unwrap());
    let beat = fake.asked("POST heartbeat")[0].clone();
    assert_eq!(beat.body["inventory"]["hostname"], "desk");
    assert!(
        beat.head.contains("authorization: dpop t") && beat.head.contains("dpop: "),
        "{}",
        beat.head
    );
    assert!(place.path().exists());
}
