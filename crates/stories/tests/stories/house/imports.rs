//! Which crate may import which: the arrows of the floor plan in docs/architecture.md, over `cargo metadata`.
use std::collections::BTreeMap;

/// The floors from the cellar up. A crate may import what stands on a lower floor, never its neighbour.
const FLOORS: [&[&str]; 10] = [
    &["kernel"],
    &["ground", "agent_wire"],
    &["agent"],
    &["organisations"],
    &["people"],
    &["roles", "devices", "factors"],
    &["sessions", "tokens", "activity", "agents"],
    &["sign_in", "recovery", "policies", "customers"],
    &["members"],
    &["doorward"],
];

/// Programs around the house: they may import anything, and nothing of the house imports them.
const AROUND: [&str; 4] = ["world", "stories", "bench", "fault"];

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&name))
}

/// Every crate of the workspace with what it imports, tests apart.
fn imports() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let said = std::process::Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(super::reading::root())
        .output()
        .expect("cargo metadata runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&said.stdout).expect("cargo metadata is JSON");
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let packages = list(&metadata["packages"]);
    let names: Vec<String> = packages.iter().map(|package| text(&package["name"])).collect();
    let ours = |package: &serde_json::Value| {
        let normal = list(&package["dependencies"])
            .into_iter()
            .filter(|d| d["kind"].as_str() != Some("dev"));
        normal
            .map(|d| text(&d["name"]))
            .filter(|name| names.contains(name))
            .collect()
    };
    packages
        .iter()
        .map(|package| (text(&package["name"]), ours(package)))
        .collect()
}

#[test]
fn imports_run_downwards_only() {
    let mut bad = Vec::new();
    for (name, imported) in imports() {
        let Some(own) = floor(&name) else {
            assert!(AROUND.contains(&name.as_str()), "{name} has no place in the floor plan");
            continue;
        };
        for other in imported {
            if floor(&other).is_none_or(|below| below >= own) {
                bad.push(format!("{name} imports {other}"));
            }
        }
    }
    assert!(bad.is_empty(), "these arrows do not run downwards:\n{}", bad.join("\n"));
}

#[test]
fn every_floor_of_the_plan_exists() {
    let crates = imports();
    for name in FLOORS.into_iter().flatten() {
        assert!(
            crates.contains_key(*name),
            "{name} is in the plan and not in the workspace"
        );
    }
}

#[test]
fn capabilities_have_only_the_rooms_of_the_house() {
    // A capability may split a room (`store/lanes.rs`), or add one that says what it is; but SQL, handlers and pages keep their rooms.
    let mut bad = Vec::new();
    for file in super::reading::files(&[".rs"]) {
        let Some(rest) = file.path.strip_prefix("crates/") else {
            continue;
        };
        let Some((name, room)) = rest.split_once("/src/") else {
            continue;
        };
        let is_capability = floor(name).is_some_and(|at| at >= 2) && name != "doorward";
        if !is_capability {
            continue;
        }
        let code = super::reading::code_only(&file.text);
        if room.starts_with("decide")
            && (code.contains("async ") || code.contains("ground::db") || code.contains("&mut Tx"))
        {
            bad.push(format!(
                "{}: a decision is pure, without async and without the store",
                file.path
            ));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}
