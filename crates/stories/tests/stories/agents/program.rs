//! The real program `doorward-agent` against the whole server: paired, let in, at work, copied, put back, cut off, ended.
use super::{events, owner};
use kernel::EventKind;
use serde_json::json;
use std::time::Duration;
use world::{Browser, Done, RealAgent, Running, Span, World};

/// A machine with the program; none, with a word about it, where the program was not built.
fn machine(world: &World, name: &str) -> Option<RealAgent> {
    let made = world.real_agent(name);
    if made.is_none() {
        let is_required = std::env::var("DOORWARD_TEST_AGENT").is_ok_and(|value| value == "required");
        assert!(!is_required, "there is no doorward-agent beside the tests");
        eprintln!("skipped: there is no doorward-agent beside the tests; build it with cargo build");
    }
    made
}

fn went_well(done: &Done) {
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{done:?}");
}

/// The only agent that there is.
async fn only(browser: &Browser) -> serde_json::Value {
    let list = browser.get("/api/v1/agents").await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    list["items"][0].clone()
}

async fn decide(browser: &Browser, id: &serde_json::Value, what: &str) -> u16 {
    let path = format!("/api/v1/agents/{}/{what}", id.as_str().expect("an id"));
    browser
        .ask(world::Method::POST, &path)
        .json(&json!({}))
        .send()
        .await
        .code()
}

/// A machine that was paired and let in.
async fn let_in(world: &World, browser: &Browser, name: &str) -> Option<RealAgent> {
    let machine = machine(world, name)?;
    let key = world.installation_key(browser, &json!({})).await;
    went_well(&machine.pair(&key, &[]).await);
    assert_eq!(
        decide(browser, &machine.status().await.1["agent_id"], "approve").await,
        200
    );
    Some(machine)
}

/// Waits until this has come true.
async fn until(what: &str, running: &Running, is_so: impl AsyncFn() -> bool) {
    for _ in 0..300 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} never came:\n{}", running.log());
}

async fn online(world: &World, browser: &Browser, running: &Running) {
    until("the heartbeat", running, async || {
        world.app().agents().flush().await;
        only(browser).await["online"] == json!(true)
    })
    .await;
}

world::stories! {
    async fn a_machine_is_paired_let_in_at_work_asked_to_rotate_and_turned_out(world) {
        let browser = owner(&world).await;
        let Some(machine) = machine(&world, "till-1") else { return };
        let key = world.installation_key(&browser, &json!({})).await;
        let paired = machine.pair(&key, &["--name", "Front desk"]).await;
        went_well(&paired);
        assert!(paired.out.contains("waiting for approval") && paired.out.contains("/pair"), "{paired:?}");
        let (code, told) = machine.status().await;
        assert_eq!((code, &told["state"]), (1, &json!("waiting")));
        assert!(paired.out.contains(told["user_code"].as_str().expect("a code")), "{paired:?} {told}");
        let again = machine.pair(&key, &[]).await;
        assert_eq!(again.code, 0, "{again:?}");
        let agent = only(&browser).await;
        assert_eq!((&agent["state"], &agent["name"]), (&json!("waiting"), &json!("Front desk")));
        let mut running = machine.start();
        assert_eq!(decide(&browser, &agent["id"], "approve").await, 200);
        online(&world, &browser, &running).await;
        assert_eq!(machine.status().await.0, 0);
        let one = browser.get(&format!("/api/v1/agents/{}", agent["id"].as_str().unwrap())).await.json();
        assert_eq!(one["facts"]["os"], json!("linux"), "{one}");
        assert_eq!(running.stop().await, Some(0), "{}", running.log());
        went_well(&machine.run_to_end(&["rotate"]).await);
        assert_eq!(events(&browser, EventKind::AgentRotated).await.len(), 1);
        assert_eq!(machine.status().await.0, 0);
        let mut running = machine.start();
        until("the second heartbeat", &running, async || running.log().matches("online").count() == 2).await;
        assert_eq!(decide(&browser, &agent["id"], "revoke").await, 200);
        let (code, told) = machine.status().await;
        assert_eq!((code, &told["state"]), (1, &json!("revoked")));
        assert_eq!(running.stop().await, Some(0));
        let mut out = machine.start();
        assert_eq!(out.end(Duration::from_secs(20)).await, Some(1), "a machine that was turned out goes on: {}", out.log());
        assert!(!running.log().contains(&key[8..]), "the key is in the log");
    }

    async fn a_typing_slip_is_seen_before_any_call_and_no_key_is_taken_from_the_arguments(world) {
        let Some(machine) = machine(&world, "till-1") else { return };
        let slip = machine.pair("DW-0000-0000-0000-0000-1", &[]).await;
        assert_eq!((slip.code, slip.err.lines().count()), (2, 1), "{slip:?}");
        assert!(slip.err.contains("typing slip"), "{slip:?}");
        assert_eq!(machine.pair("hello", &[]).await.code, 2);
        assert_eq!(machine.pair("DW-0000-0000-0000-0000-0", &["--key", "DW-0000-0000-0000-0000-0"]).await.code, 2);
        let unknown = machine.pair("DW-0000-0000-0000-0000-0", &[]).await;
        assert_eq!((unknown.code, unknown.err.lines().count()), (1, 1), "{unknown:?}");
        let (code, out) = (machine.run_to_end(&["status"]).await.code, machine.run_to_end(&["run"]).await);
        assert_eq!((code, out.code), (1, 1), "{out:?}");
        for (arguments, wanted) in [(&["--version"][..], 0), (&["--help"], 0), (&["pair", "--help"], 0), (&["frobnicate"], 2), (&[], 2)] {
            let mut command = std::process::Command::new(world::agent_program().expect("the program"));
            assert_eq!(command.args(arguments).output().unwrap().status.code(), Some(wanted), "{arguments:?}");
        }
        let mut far = std::process::Command::new(world::agent_program().expect("the program"));
        far.env("DOORWARD_AGENT_KEY", "DW-0000-0000-0000-0000-0").args(["pair", "--server", "http://door.example", "--state"]).arg(machine.state());
        let far = far.output().unwrap();
        assert!(far.status.code().is_some_and(|code| code != 0) && String::from_utf8_lossy(&far.stderr).contains("https"), "{far:?}");
    }

    async fn a_copied_disk_is_told_to_pair_anew_and_may(world) {
        let browser = owner(&world).await;
        let Some(machine) = let_in(&world, &browser, "till-1").await else { return };
        let mut running = machine.start();
        online(&world, &browser, &running).await;
        assert_eq!(running.stop().await, Some(0));
        let copy = machine.copied_to("till-2");
        assert_eq!(machine.status().await.0, 0);
        let mut copied = copy.start();
        assert_eq!(copied.end(Duration::from_secs(20)).await, Some(1), "{}", copied.log());
        assert!(copied.log().contains("copied from it"), "{}", copied.log());
        let (code, told) = copy.status().await;
        assert_eq!((code, &told["state"]), (1, &json!("cloned")), "{told}");
        assert_eq!(machine.status().await.0, 0);
        assert_eq!(events(&browser, EventKind::AgentCopied).await.len(), 1);
        let key = world.installation_key(&browser, &json!({})).await;
        went_well(&copy.pair(&key, &[]).await);
        assert_eq!(copy.status().await.1["state"], json!("waiting"));
        let list = browser.get("/api/v1/agents").await.json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(2), "{list}");
    }

    async fn a_machine_put_back_to_a_snapshot_goes_on_and_a_restart_is_nothing(world) {
        let browser = owner(&world).await;
        let Some(machine) = let_in(&world, &browser, "till-1").await else { return };
        for _ in 0..3 {
            assert_eq!(machine.status().await.0, 0);
        }
        machine.snapshot();
        for _ in 0..3 {
            assert_eq!(machine.status().await.0, 0);
        }
        // Killed at any moment, as by a cut of power, it is the same machine afterwards.
        for wait in [5, 40, 90, 200] {
            let mut running = machine.start();
            tokio::time::sleep(Duration::from_millis(wait)).await;
            running.kill();
        }
        assert_eq!(machine.status().await.0, 0);
        assert!(events(&browser, EventKind::AgentRestored).await.is_empty());
        machine.put_back();
        let (code, told) = machine.status().await;
        assert_eq!((code, &told["state"]), (1, &json!("unreachable")), "{told}");
        world.clock.advance(Span::seconds(151));
        let (code, told) = machine.status().await;
        assert_eq!(code, 0, "{told}");
        assert_eq!(events(&browser, EventKind::AgentRestored).await.len(), 1);
        assert!(events(&browser, EventKind::AgentCopied).await.is_empty());
    }

    async fn answers_that_are_lost_lose_no_agent(world) {
        let browser = owner(&world).await;
        let Some(machine) = machine(&world, "till-1") else { return };
        let wire = world.behind_a_wire().await;
        let key = world.installation_key(&browser, &json!({"uses": 1})).await;
        wire.lose("/agents/pair", 1);
        let paired = machine.pair(&key, &[]).await;
        assert_eq!(paired.code, 0, "{paired:?}");
        let id = only(&browser).await["id"].clone();
        assert_eq!(decide(&browser, &id, "approve").await, 200);
        // The next token's answer is lost: the command fails, and the next one is the same machine.
        wire.lose("/agents/token", 1);
        assert_eq!(machine.status().await.0, 1);
        assert_eq!(machine.status().await.0, 0);
        wire.lose("/agents/rotate", 1);
        assert_eq!(machine.run_to_end(&["rotate"]).await.code, 1);
        assert_eq!(events(&browser, EventKind::AgentRotated).await.len(), 1);
        assert_eq!(machine.status().await.0, 0, "lost with its lost answer");
        wire.cut(true);
        let (code, told) = machine.status().await;
        assert_eq!((code, &told["state"]), (1, &json!("unreachable")));
        wire.cut(false);
        assert_eq!(machine.status().await.0, 0);
        wire.lose("/agents/unpair", 1);
        assert_eq!(machine.run_to_end(&["unpair"]).await.code, 1);
        let done = machine.run_to_end(&["unpair"]).await;
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(only(&browser).await["state"], json!("revoked"));
        assert!(!machine.state().join("key").exists());
        assert!(events(&browser, EventKind::AgentCopied).await.is_empty());
        assert_eq!(events(&browser, EventKind::AgentUnpaired).await.len(), 1);
    }

    async fn an_image_pairs_when_it_starts_as_another_machine_and_holds_no_key_afterwards(world) {
        let browser = owner(&world).await;
        let Some(image) = machine(&world, "image") else { return };
        let key = world.installation_key(&browser, &json!({"uses": 10})).await;
        went_well(&image.pair(&key, &["--on-first-boot"]).await);
        let list = browser.get("/api/v1/agents").await.json();
        assert_eq!(list["items"], json!([]));
        assert!(!image.state().join("key").exists(), "an image holds no key pair");
        let mut at_home = image.start();
        assert_eq!(at_home.end(Duration::from_secs(2)).await, None, "the image's own machine waits: {}", at_home.log());
        assert_eq!(at_home.stop().await, Some(0));
        let machines = [image.copied_to("vdi-1"), image.copied_to("vdi-2")];
        let mut running: Vec<Running> = machines.iter().map(RealAgent::start).collect();
        until("both", &running[0], async || {
            let list = browser.get("/api/v1/agents").await.json();
            list["items"].as_array().map(Vec::len) == Some(2)
        })
        .await;
        let ids: Vec<_> = browser.get("/api/v1/agents").await.json()["items"].as_array().unwrap().iter().map(|agent| agent["id"].clone()).collect();
        for id in &ids {
            assert_eq!(decide(&browser, id, "approve").await, 200);
        }
        for (machine, running) in machines.iter().zip(&running) {
            until("the state", running, async || machine.status().await.0 == 0).await;
            for entry in std::fs::read_dir(machine.state()).unwrap() {
                let bytes = std::fs::read(entry.unwrap().path()).unwrap();
                assert!(!String::from_utf8_lossy(&bytes).contains(&key[8..]), "the installation key is still there");
            }
        }
        for one in &mut running {
            assert_eq!(one.stop().await, Some(0), "{}", one.log());
        }
        assert!(events(&browser, EventKind::AgentCopied).await.is_empty());
    }

    async fn a_shut_organisation_or_an_unnamed_network_is_waited_for(world) {
        let browser = owner(&world).await;
        let Some(machine) = let_in(&world, &browser, "till-1").await else { return };
        let mut running = machine.start();
        online(&world, &browser, &running).await;
        assert_eq!(running.stop().await, Some(0));
        world.set_policy(|values| values.agents = Some(vec!["10.0.0.0/8".parse().expect("a network")])).await;
        let (code, told) = machine.status().await;
        assert_eq!((code, &told["state"]), (1, &json!("unreachable")), "{told}");
        let mut running = machine.start();
        assert_eq!(running.end(Duration::from_secs(3)).await, None, "it gave up:\n{}", running.log());
        assert_eq!(running.stop().await, Some(0));
        let unpaired = machine.run_to_end(&["unpair"]).await;
        assert_eq!(unpaired.code, 1, "{unpaired:?}");
        assert!(machine.state().join("key").exists(), "an identity was thrown away that the server still counts");
        world.set_policy(|values| values.agents = None).await;
        assert_eq!(machine.status().await.0, 0);
    }

    async fn over_https_an_authority_of_its_own_is_named_and_nothing_else_is_trusted(world) {
        let browser = owner(&world).await;
        let ends_at = (world.clock.now() + Span::hours(2)).rfc3339();
        let key = world.installation_key(&browser, &json!({"approval": "pre-approved", "ends_at": ends_at})).await;
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, file) = (world.folder().join("cert.pem"), world.folder().join("key.pem"));
        std::fs::write(&cert, made.cert.pem()).unwrap();
        std::fs::write(&file, made.signing_key.serialize_pem()).unwrap();
        let address = format!("https://localhost:{}", world.addresses()[0].port());
        let public = address.clone();
        let files = ground::config::TlsFiles { cert: cert.clone(), key: file };
        world.restart_with(move |config| {
            config.public_url = public.parse().expect("an address");
            config.tls = Some(files);
        }).await;
        let Some(machine) = RealAgent::new(&address, "till-1") else { return };
        let wrong = world.folder().join("other.pem");
        std::fs::write(&wrong, other.cert.pem()).unwrap();
        // Two minutes long it tries a server that cannot be reached: this one is asked to end.
        for more in [&[][..], &["--ca", wrong.to_str().unwrap()]] {
            let arguments = [&["pair", "--server", &address], more].concat();
            let mut command = machine.command(&arguments);
            let mut child = command.env("DOORWARD_AGENT_KEY", &key).stderr(std::process::Stdio::null()).stdout(std::process::Stdio::null()).spawn().unwrap();
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            assert!(child.try_wait().unwrap().is_none_or(|status| !status.success()), "a stranger's certificate was taken");
            let _ = child.kill();
            let _ = child.wait();
        }
        let paired = machine.pair(&key, &["--ca", cert.to_str().unwrap()]).await;
        assert_eq!((paired.code, paired.out.trim()), (0, "paired: active"), "{paired:?}");
        let (code, told) = machine.status().await;
        assert_eq!((code, &told["state"]), (0, &json!("active")), "{told}");
        let mut running = machine.start();
        until("the heartbeat", &running, async || running.log().contains("online")).await;
        assert_eq!(running.stop().await, Some(0));
        assert_eq!(machine.run_to_end(&["unpair"]).await.code, 0);
    }
}
