//! How the program comes onto machines: the scripts that fetch it, the programs in the data folder, and what they are signed with.
use super::owner;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};
use world::{Page, World};

/// Puts a program where an operator would.
fn put(world: &World, system: &str, file: &str, program: &[u8]) -> PathBuf {
    let folder = world.app().ground().config.data_dir.join("agents").join(system);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(file), program).expect("a program");
    folder.join(file)
}

/// The value that a script assigns to this name.
fn assigned(script: &Page, name: &str) -> String {
    let line = script
        .body
        .lines()
        .find_map(|line| line.trim().strip_prefix(name))
        .expect("the name stands in the script");
    line.trim_start_matches([' ', '=']).trim_matches('\'').to_owned()
}

/// The point of the key that the scripts carry.
fn point(script: &Page, name: &str) -> Vec<u8> {
    let key = STANDARD.decode(assigned(script, name)).expect("base64");
    assert_eq!(key.len(), 91, "a SubjectPublicKeyInfo of P-256");
    key[26..].to_vec()
}

world::stories! {
    async fn a_program_in_the_data_folder_is_served_with_a_signature_of_the_scripts_key(world) {
        let program = vec![7; 200_000];
        put(&world, "windows-x86_64", "doorward-agent.exe", &program);
        let stranger = world.browser();
        let script = stranger.get("/pair.ps1").await;
        let point = point(&script, "$signer");
        let path = "/agents/windows-x86_64/doorward-agent.exe";
        let fetched = stranger.get(path).await;
        assert_eq!((fetched.code(), fetched.header("content-type")), (200, Some("application/octet-stream")));
        assert_eq!(fetched.bytes, program);
        let der = stranger.get(&format!("{path}.sig")).await.bytes;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &point).verify(&program, &der).expect("as openssl takes it");
        let plain = stranger.get(&format!("{path}.p1363")).await.bytes;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).verify(&program, &plain).expect("as Windows takes it");
    }

    async fn a_program_that_was_replaced_is_signed_anew_without_a_restart(world) {
        let stranger = world.browser();
        put(&world, "linux-aarch64", "doorward-agent", b"one");
        let before = stranger.get("/agents/linux-aarch64/doorward-agent").await;
        put(&world, "linux-aarch64", "doorward-agent", b"the other");
        let after = stranger.get("/agents/linux-aarch64/doorward-agent").await;
        assert_eq!((before.body.as_str(), after.body.as_str()), ("one", "the other"));
        assert_ne!(before.header("etag"), after.header("etag"));
        let point = point(&stranger.get("/pair.sh").await, "signer");
        let signature = stranger.get("/agents/linux-aarch64/doorward-agent.sig").await.bytes;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &point).verify(b"the other", &signature).expect("of what is there now");
    }

    async fn what_is_not_there_says_where_to_put_it_and_no_name_leads_elsewhere(world) {
        let stranger = world.browser();
        let absent = stranger.get("/agents/macos-aarch64/doorward-agent").await;
        assert_eq!(absent.code(), 404);
        assert!(absent.body.contains("agents/macos-aarch64/doorward-agent"), "{}", absent.body);
        let folder = world.app().ground().config.data_dir.display().to_string();
        assert!(!absent.body.contains(&folder), "strangers need not know where the server keeps its data");
        for path in [
            "/agents/linux-x86_64/..%2f..%2fmaster.key",
            "/agents/..%2f/master.key",
            "/agents/../master.key",
            "/agents/linux-x86_64/laid",
            "/agents/linux-x86_64/doorward-agent.exe",
            "/agents/linux-x86_64/doorward-agent.new",
            "/agents/solaris-sparc/doorward-agent",
        ] {
            let answer = stranger.get(path).await;
            assert_eq!(answer.code(), 404, "{path}");
            assert!(!answer.body.contains("agents/linux-x86_64/laid"), "{path}");
        }
    }

    async fn the_scripts_carry_this_servers_address_and_the_key_that_the_page_shows(world) {
        let browser = owner(&world).await;
        world.installation_key(&browser, &serde_json::json!({})).await;
        let shown = browser.get("/app/agents/pair").await;
        let stranger = world.browser();
        for (path, signer, server) in [("/pair.sh", "signer", "server"), ("/pair.ps1", "$signer", "$server")] {
            let script = stranger.get(path).await;
            assert_eq!(script.code(), 200);
            let key = assigned(&script, signer);
            assert!(shown.text().contains(&key), "the page does not show {key}");
            assert_eq!(assigned(&script, server), world.origin());
            for left in ["@SERVER@", "@KEY@", "@DIGESTS@"] {
                assert!(!script.body.contains(left), "{left} was not filled in");
            }
            assert!(!script.body.contains("DW-"), "a script holds no secret");
        }
    }

    async fn the_shell_script_is_one_that_a_shell_reads(world) {
        let script = world.browser().get("/pair.sh").await;
        let mut shell = Command::new("sh").arg("-n").stdin(Stdio::piped()).spawn().expect("a shell");
        shell.stdin.take().expect("its stdin").write_all(script.body.as_bytes()).expect("written");
        assert!(shell.wait().expect("an end").success());
        // What came only in part does nothing: everything is a function until the last line.
        assert_eq!(script.body.trim_end().lines().last(), Some("main"));
    }
}
