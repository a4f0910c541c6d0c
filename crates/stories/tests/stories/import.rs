//! People taken over from elsewhere by `doorward import people`: they sign in with the password that they had, their hash becomes ours with that,
//! and whoever could not be taken is told in a line.
use crate::program::{Server, set_up, tell};
use kernel::EventKind;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use world::{Browser, Engine, OWNER, PASSWORD, World};

/// What every hash below is of.
const TYPED: &str = "correct horse battery";
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
const PBKDF2: &str = "$pbkdf2-sha256$29000$AAECAwQFBgcICQoLDA0ODw$QKlCDPGRoLK139911fz4wmw.qxtasIBS/3PnV5Q49G0";
const SCRYPT: &str = "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$hKGWL22WtdGfIbxEPAZ06BS2bWyYKuZIKvypfAlYOWk";
const ARGON2: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

fn table() -> String {
    format!(
        "email,name,roles,password_hash,disabled,language
ana@x.example,Ana Lima,Auditor,{BCRYPT},,es
ben@x.example,Ben,auditor|help desk,{PBKDF2},no,
cy@x.example,,,\"{SCRYPT}\",,
dee@x.example,Dee,Wizard,,,
eve@x.example,Eve,,$2b$31$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS,,
ANA@X.example,Ana again,,,,
{OWNER},Olive again,,,,
nowhere,Fay,,,,
gus@x.example,Gus,,{BCRYPT},yes,
hal@x.example,Hal,,,,
"
    )
}

/// A realm of Keycloak, as `kc.sh export` writes it, less what is not about people.
fn realm() -> Value {
    let password = |secret: &str, data: &str| json!([{"id": "x", "type": "password", "createdDate": 1, "secretData": secret, "credentialData": data}]);
    let user = |name: &str, credentials: Value| {
        json!({"id": "x", "username": name, "email": format!("{name}@kc.example"), "emailVerified": true, "enabled": true, "totp": false,
            "firstName": name, "lastName": "K", "credentials": credentials, "requiredActions": [], "realmRoles": ["admin", "Owner"], "groups": []})
    };
    let sha256 = password(
        r#"{"value":"VVatals5hXp5h2oxfsxiF6kzhtIf76FMvLQt3LHjOPTh+NaxYdlTOPwDZ23eIyR9i752/A/GtET2PfLHzgkqPg==","salt":"AAECAwQFBgcICQoLDA0ODw==","additionalParameters":{}}"#,
        r#"{"hashIterations":27500,"algorithm":"pbkdf2-sha256","additionalParameters":{}}"#,
    );
    let argon2 = password(
        r#"{"value":"CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc=","salt":"c29tZXNhbHQ=","additionalParameters":{}}"#,
        r#"{"hashIterations":2,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["65536"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}"#,
    );
    let costly = password(
        r#"{"value":"VVatals5hXp5h2oxfsxiF6kzhtIf76FMvLQt3LHjOPTh+NaxYdlTOPwDZ23eIyR9i752/A/GtET2PfLHzgkqPg==","salt":"AAECAwQFBgcICQoLDA0ODw=="}"#,
        r#"{"hashIterations":2000000000,"algorithm":"pbkdf2-sha256"}"#,
    );
    let mut stranger = user("sam", sha256.clone());
    stranger["emailVerified"] = false.into();
    json!({"realm": "old", "enabled": true, "clients": [], "users": [
        user("kim", sha256), user("lou", argon2), user("mia", costly), stranger,
        {"username": "service-account-app", "serviceAccountClientId": "app"}, {"username": "noaddress", "enabled": true},
    ]})
}

/// All of it once, for the statements.
pub async fn tour(world: &World) {
    assert_eq!(world.import(&table(), false).await.1, 5);
}

async fn enters(browser: &Browser, email: &str, password: &str) -> u16 {
    browser.sign_in(email, password).await.code()
}

world::stories! {
    async fn people_come_with_the_password_they_had_and_it_becomes_ours_at_their_first_sign_in(world) {
        let (_, owner) = world.with_owner_inside().await;
        let (lines, taken) = world.import(&table(), false).await;
        assert_eq!(taken, 5, "{lines:#?}");
        for (email, n) in [("ana@x.example", 2), ("ben@x.example", 3), ("cy@x.example", 4)] {
            assert_eq!(world.has_own_hash(email).await, Some(false), "{email}");
            assert_eq!(enters(&world.browser_at(n), email, "correct horse batterY").await, 422, "{email}");
            assert_eq!(world.has_own_hash(email).await, Some(false), "{email}");
            assert_eq!(enters(&world.browser_at(n), email, TYPED).await, 303, "{email}");
            assert_eq!(world.has_own_hash(email).await, Some(true), "{email}");
            assert_eq!(enters(&world.browser_at(n), email, TYPED).await, 303, "{email}, with our hash");
        }
        // Disabled there, disabled here; without a password there is the link by mail.
        assert_eq!(enters(&world.browser_at(5), "gus@x.example", TYPED).await, 422);
        assert_eq!(enters(&world.browser_at(5), "hal@x.example", TYPED).await, 422);
        let mail = crate::recovery::asked(&world, &world.browser_at(6), "hal@x.example").await;
        assert_eq!(crate::recovery::set(&world.browser_at(6), &mail.path(&world, "/reset"), PASSWORD).await.code(), 303);
        assert_eq!(enters(&world.browser_at(6), "hal@x.example", PASSWORD).await, 303);
        let ana = world.browser_at(7);
        enters(&ana, "ana@x.example", TYPED).await;
        let me = ana.get("/api/v1/me").await.json();
        assert_eq!((&me["name"], &me["language"], &me["roles"][0]["name"]), (&json!("Ana Lima"), &json!("es"), &json!("Auditor")));
        let told = owner.get(&format!("/api/v1/events?kind={}", EventKind::PersonImported.id())).await;
        assert_eq!(told.json()["items"].as_array().map(Vec::len), Some(5));
        assert!(told.body.contains("2b") && !told.body.contains("abcdefghijklmnopqrstuu"), "{}", told.body);
    }

    async fn whoever_cannot_be_taken_is_told_in_a_line_and_nobody_is_changed(world) {
        let (_, owner) = world.with_owner_inside().await;
        let (lines, taken) = world.import(&table(), false).await;
        assert_eq!((taken, lines.len()), (5, 5), "{lines:#?}");
        for (line, why) in [
            ("line 5: ", "no role \"Wizard\""),
            ("line 6: ", "cost beyond the limit"),
            ("line 7: ", "stands in the file before"),
            ("line 8: ", "has an account already"),
            ("line 9: ", "no e-mail address"),
        ] {
            assert!(lines.iter().any(|told| told.starts_with(line) && told.contains(why)), "{line}{why} in {lines:#?}");
        }
        assert_eq!(owner.get("/api/v1/me").await.json()["name"], json!("Olive Owner"));
        let (again, taken) = world.import(&table(), false).await;
        assert_eq!((taken, again.len()), (0, 10), "a second time nobody is made twice: {again:#?}");
    }

    async fn a_dry_run_says_the_same_and_does_nothing(world) {
        world.with_owner().await;
        let dry = world.import(&table(), true).await;
        assert!(!world.has_account("ana@x.example").await);
        assert_eq!(world.import(&table(), false).await, dry);
    }

    async fn a_realm_of_keycloak_comes_with_its_hashes_and_without_its_roles(world) {
        world.with_owner().await;
        let (lines, taken) = world.import(&realm().to_string(), false).await;
        assert_eq!((taken, lines.len()), (3, 2), "{lines:#?}");
        assert!(lines.iter().any(|line| line.starts_with("user mia: ") && line.contains("cost beyond the limit")), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("user noaddress: ") && line.contains("no e-mail address")), "{lines:?}");
        let kim = world.browser_at(2);
        assert_eq!(enters(&kim, "kim@kc.example", TYPED).await, 303);
        assert_eq!(kim.get("/api/v1/me").await.json()["roles"][0]["name"], json!("No access"));
        assert_eq!(enters(&world.browser_at(3), "lou@kc.example", "password").await, 303);
        assert_eq!(enters(&world.browser_at(4), "sam@kc.example", TYPED).await, 422, "nobody had verified this address");
        assert_eq!(world.has_own_hash("sam@kc.example").await, None);
    }

    async fn two_imports_at_once_make_everybody_once(world) {
        world.with_owner().await;
        let rows: Vec<_> = (0..120).map(|n| format!("p{n}@x.example,P {n}")).collect();
        let text = format!("email,name\n{}\n", rows.join("\n"));
        let tasks: Vec<_> = (0..3).map(|_| { let (world, text) = (world.clone(), text.clone()); tokio::spawn(async move { world.import(&text, false).await.1 }) }).collect();
        let mut all = 0;
        for task in tasks {
            all += task.await.unwrap();
        }
        assert_eq!(all, 120);
    }

    async fn a_costly_foreign_hash_makes_unknown_addresses_pay_as_much(world) {
        world.with_owner().await;
        let table = format!("email,password_hash\nlou@x.example,\"{ARGON2}\"\n");
        assert_eq!(world.import(&table, false).await.1, 1);
        assert_eq!(world.slowest_work().await, 131_072);
    }
}

/// The command itself, beside the running server.
async fn the_command(program: PathBuf, server: Server) {
    set_up(&server).await;
    let file = server.folder.join("people.csv");
    std::fs::write(&file, table()).unwrap();
    let file = file.to_str().unwrap();
    let run = |arguments: &[&str]| server.run(&program, arguments);
    let (code, out, err) = run(&["import", "people", file, "--dry-run"]);
    assert!(
        code == 0 && err.is_empty() && out.contains("would take 5 of 10 people") && out.contains("nothing was changed"),
        "{code} {out}{err}"
    );
    let (code, out, err) = run(&["import", "people", file]);
    assert!(code == 0 && err.is_empty(), "{code} {out}{err}");
    assert!(
        out.contains("took 5 of 10 people into Northwind IT: 4 with their password, 1 set one"),
        "{out}"
    );
    assert!(
        out.contains("line 5: there is no role \"Wizard\" here") && out.contains("5 could not be taken"),
        "{out}"
    );
    assert!(
        !out.contains("$2b$") && !server.log().contains("$2b$"),
        "a hash is told"
    );
    assert_eq!(enters(&server.browser(2), "ana@x.example", TYPED).await, 303);
    let (code, out, err) = run(&["import", "people", file]);
    assert_eq!((code, err.lines().count()), (1, 1), "nobody could be taken: {out}{err}");
    refusals(&run, &server.folder);
    let (code, out, err) = run(&["audit", "verify"]);
    assert_eq!(code, 0, "{out}{err}");
}

fn refusals(run: &impl Fn(&[&str]) -> (i32, String, String), folder: &Path) {
    let bad = folder.join("bad.csv");
    std::fs::write(&bad, "email,password\nx@x.example,secret\n").unwrap();
    let bad = bad.to_str().unwrap();
    let plain = folder.join("people.csv");
    let plain = plain.to_str().unwrap();
    for (arguments, wanted, told) in [
        (&["import", "people", bad][..], 1, "\"password\" is not known"),
        (&["import", "people", "nothing.csv"], 1, "cannot be read"),
        (
            &["import", "people", plain, "--organisation", "Elsewhere"],
            1,
            "there is no organisation \"Elsewhere\"",
        ),
        (
            &["import", "people", plain, "--role", "Wizard"],
            1,
            "no role \"Wizard\"",
        ),
        (&["import", "people"], 2, "FILE"),
        (&["import"], 2, ""),
    ] {
        let (code, out, err) = run(arguments);
        assert!(
            code == wanted && out.is_empty() && err.contains(told),
            "{arguments:?}: {code} {out}{err}"
        );
    }
}

mod program_sqlite {
    #[test]
    fn the_command_takes_people_in_beside_the_running_server() {
        super::tell("import", super::Engine::Sqlite, super::the_command);
    }
}
mod program_postgres {
    #[test]
    fn the_command_takes_people_in_beside_the_running_server() {
        super::tell("import", super::Engine::Postgres, super::the_command);
    }
}
