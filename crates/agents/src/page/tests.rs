//! Every page of agents, rendered from samples and held to the rules of the house.
mod keys;

use super::{
    May, Standing,
    code::{CodePage, Found},
    commands::{Commands, KeyTag, commands},
    keys::{KeyLine, KeyMadePage, KeyPage, KeyState, KeyTyped, KeysPage, RefusalLine},
    list::{AgentsPage, Figures, Filters, Line},
    machine::Fact,
    one::{AgentPage, EventLine, Fork, Identity, Older, Seen, Side},
    pairing::{PairPage, Shelved},
};
use agent_wire::State;
use ground::page::{Entry, Errors, HouseShell, Notice, sample};
use kernel::{Action, AgentId, EventId, InstallationKeyId, Outcome, Permissions, Reason, Time};
use uuid::Uuid;

const NOW: Time = Time::from_seconds(1_795_511_642);
const MAY: May = May {
    pair: true,
    revoke: true,
    make_keys: true,
};

fn shell(title: &str, here: Entry) -> HouseShell {
    HouseShell {
        title: title.into(),
        here,
        person: "Mara Okafor".into(),
        role: "Administrator".into(),
        organisation: "Northwind IT".into(),
        may: [Action::SeeAgents, Action::MakeKeys]
            .into_iter()
            .collect::<Permissions>(),
        has_others: false,
        locks_in: 1800,
        ends_in: 43_200,
    }
}

fn id(n: u128) -> AgentId {
    AgentId(Uuid::from_u128(n))
}

fn card(is_preapproved: bool) -> Commands {
    Commands {
        site: "Head <office>".into(),
        key: Some(KeyTag {
            hint: "DW-7F3K-…-Q".into(),
            left: 47,
            uses: 50,
            lives_for: "6 days".into(),
            ends_at: NOW,
            is_preapproved,
        }),
        may_make: true,
        each: commands("https://access.northwind.example/"),
    }
}

fn line(n: u128, name: &str, standing: Standing) -> Line {
    Line {
        id: id(n),
        name: name.into(),
        site: "Head office".into(),
        system: "Windows 11 24H2".into(),
        standing,
        seen_at: (n != 5).then_some(NOW),
        may_decide: true,
        may_revoke: true,
    }
}

fn agents(lines: Vec<Line>, may: May, is_fresh: bool) -> AgentsPage {
    AgentsPage {
        shell: shell("Agents", Entry::Agents),
        notice: None,
        figures: Figures {
            paired: 1_310,
            online: 1_284,
            waiting: 3,
            cloned: 1,
        },
        commands: may.pair.then(|| card(false)),
        words: "Call 4417 first.\nThen approve <b>.".into(),
        filters: Filters {
            state: "waiting".into(),
            ..Filters::default()
        },
        sites: vec![("s1".into(), "Head office".into())],
        lines,
        next: Some("/app/agents?cursor=x".into()),
        first: None,
        query: "?state=waiting".into(),
        may,
        is_fresh,
    }
}

#[test]
fn the_list_says_each_state_in_words_and_offers_what_can_be_done() {
    let lines = vec![
        line(1, "HQ-LT-0417 <b>", Standing::Waiting),
        line(2, "HQ-LT-0203", Standing::Online),
        line(3, "LEEDS-SRV-02", Standing::Cloned),
        line(5, "MAC-DESIGN-7", Standing::Offline),
        line(6, "OLD", Standing::Revoked),
    ];
    let text = sample::check("agents", &agents(lines.clone(), MAY, true)).unwrap();
    for wanted in [
        "1,310 paired · 1,284 online · 3 waiting for approval · 1 copied",
        "HQ-LT-0417 &#60;b&#62;",
        "Waiting for approval",
        "Same identity on two machines",
        "Approve 3",
        "curl -fsS https://access.northwind.example/pair.sh | sudo sh",
        "Head &#60;office&#62;",
        "47 of 50 uses left · ends in 6 days",
        "data-stream=\"/app/agents/events?state=waiting\"",
        "formaction=\"/app/agents/revoke\"",
        "<option value=\"waiting\" selected>",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    assert_eq!(
        text.matches("name=\"agent\"").count(),
        4,
        "what is over cannot be ticked"
    );
    let text = sample::check("agents-stale", &agents(lines.clone(), MAY, false)).unwrap();
    assert!(text.contains("/app/step-up?next=") && !text.contains("name=\"agent\""));
    let only_looks = lines
        .into_iter()
        .map(|line| Line {
            may_decide: false,
            may_revoke: false,
            ..line
        })
        .collect();
    let text = sample::check("agents-read", &agents(only_looks, May::default(), true)).unwrap();
    assert!(!text.contains("name=\"agent\"") && !text.contains("pair.sh") && !text.contains("Approve 3"));
    let text = sample::check(
        "agents-none",
        &AgentsPage {
            filters: Filters::default(),
            ..agents(Vec::new(), MAY, true)
        },
    )
    .unwrap();
    assert!(text.contains("Pair the first machine"));
}

#[test]
fn being_online_is_told_by_state_and_sight() {
    assert_eq!(Standing::of(State::Active, true), Standing::Online);
    assert_eq!(Standing::of(State::Active, false), Standing::Offline);
    assert_eq!(Standing::of(State::Revoked, true), Standing::Revoked);
    assert_eq!(Standing::of(State::Cloned, true), Standing::Cloned);
}

fn side(heading: &str, matches: bool) -> Side {
    Side {
        heading: heading.into(),
        machine: "the one that was paired".into(),
        hardware: "3 of 3 marks as at pairing".into(),
        matches,
        network: "198.51.100.7".into(),
        at: Some(NOW),
    }
}

fn older() -> Older {
    Older {
        id: id(9),
        name: "HQ <old>".into(),
        site: "Leeds".into(),
        standing: Standing::Offline,
        asked_at: NOW,
        facts: vec![Fact {
            what: "Host name",
            value: "HQ".into(),
        }],
        can_be_replaced: true,
    }
}

fn agent(standing: Standing, may: May) -> AgentPage {
    AgentPage {
        shell: shell("HQ-LT-0417", Entry::Agents),
        notice: Some(Notice::done("Saved.")),
        errors: Errors::none(),
        id: id(1),
        site: "Head office".into(),
        standing,
        why: None,
        facts: vec![
            Fact {
                what: "Host name",
                value: "HQ-LT-0417 <i>".into(),
            },
            Fact {
                what: "Memory",
                value: "15.6 GiB".into(),
            },
        ],
        seen: Seen {
            at: Some(NOW),
            network: "198.51.100.7".into(),
            clock: Some("4 minutes behind".into()),
            booted_at: Some(NOW),
            told_at: Some(NOW),
        },
        identity: Identity {
            asked_at: NOW,
            network: "198.51.100.7".into(),
            key_hint: Some("DW-7F3K-…-Q".into()),
            decided_at: Some(NOW),
            decided_by: Some("Mara Okafor".into()),
            ended_at: None,
            key_made_at: NOW,
            key_age: "3 days".into(),
            rotation_asked_at: None,
            thumbprint: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".into(),
            unseen_hours: 1,
        },
        older: None,
        fork: None,
        words: "Call 4417 first.".into(),
        events: Some(vec![EventLine {
            id: EventId(Uuid::from_u128(3)),
            at: NOW,
            what: "Agent let in".into(),
            why: "by hand <u>".into(),
            who: "Mara Okafor".into(),
            network: "198.51.100.7".into(),
            outcome: Outcome::Done,
            count: 2,
        }]),
        name: "HQ-LT-0417".into(),
        site_id: "s1".into(),
        sites: vec![("s1".into(), "Head office".into()), ("s2".into(), "Leeds".into())],
        may,
        is_fresh: true,
    }
}

#[test]
fn a_machine_that_waits_is_shown_with_a_warning_and_beside_its_older_entry() {
    let waiting = AgentPage {
        older: Some(older()),
        ..agent(Standing::Waiting, MAY)
    };
    let text = sample::check("agent-waiting", &waiting).unwrap();
    for wanted in [
        "only if you know this machine",
        "Approve in its place",
        "HQ &#60;old&#62;",
        "HQ-LT-0417 &#60;i&#62;",
        "name=\"replaces\"",
        "/refuse\"",
        "Call 4417",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    let text = sample::check("agent-waiting-read", &agent(Standing::Waiting, May::default())).unwrap();
    assert!(!text.contains("/approve\"") && text.contains("Your role does not let you"));
}

#[test]
fn one_agent_can_be_renamed_revoked_and_asked_for_another_key() {
    let text = sample::check("agent", &agent(Standing::Online, MAY)).unwrap();
    for wanted in [
        "/rotate\"",
        "/revoke\"",
        "/change\"",
        "4 minutes behind",
        "once it is unseen for 1 hour<",
        "2 times",
        "by hand &#60;u&#62;",
        "3 days old",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    let stale = AgentPage {
        is_fresh: false,
        ..agent(Standing::Online, MAY)
    };
    let text = sample::check("agent-stale", &stale).unwrap();
    assert!(text.contains("needs=factor") && !text.contains("/revoke\""));
    let mut wrong = agent(Standing::Online, MAY);
    wrong.errors.push("name", Reason::NameInvalid);
    assert!(sample::check("agent-wrong", &wrong).unwrap().contains("name-error"));
    let over = AgentPage {
        why: Some("Somebody revoked it."),
        events: None,
        ..agent(Standing::Revoked, MAY)
    };
    let text = sample::check("agent-revoked", &over).unwrap();
    assert!(text.contains("Somebody revoked it.") && !text.contains("/revoke\"") && !text.contains("What happened"));
}

#[test]
fn two_machines_with_one_identity_stand_side_by_side() {
    let fork = |is_picked| Fork {
        first: side("The one with the newest value", true),
        second: side("The one that came later", false),
        is_picked,
    };
    let cloned = |is_picked| AgentPage {
        fork: Some(fork(is_picked)),
        ..agent(Standing::Cloned, MAY)
    };
    let text = sample::check("agent-cloned", &cloned(false)).unwrap();
    for wanted in [
        "value=\"first\"",
        "value=\"second\"",
        "Looks like the machine",
        "Not the machine",
        "Keep this one",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    let text = sample::check("agent-picked", &cloned(true)).unwrap();
    assert!(!text.contains("Keep this one") && text.contains("Somebody has picked"));
}

#[test]
fn the_page_for_pairing_shows_commands_signature_and_own_words() {
    let page = |may_change_words| PairPage {
        shell: shell("Pair an agent", Entry::Agents),
        notice: None,
        errors: Errors::none(),
        keys: vec![
            ("k1".into(), "Head office, DW-7F3K-…-Q".into()),
            ("k2".into(), "Leeds, DW-AAAA-…-B".into()),
        ],
        chosen: "k2".into(),
        commands: card(false),
        signature_key: "MCowBQYDK2VwAyEA".into(),
        shelf: vec![
            Shelved {
                system: "linux-x86_64",
                file: "doorward-agent",
                is_there: true,
            },
            Shelved {
                system: "windows-x86_64",
                file: "doorward-agent.exe",
                is_there: false,
            },
        ],
        words: "Call 4417 <b>".into(),
        may_change_words,
    };
    let text = sample::check("pair-agent", &page(true)).unwrap();
    for wanted in [
        "pair.ps1 | iex",
        "MCowBQYDK2VwAyEA",
        "<textarea id=\"words\"",
        "Call 4417 &#60;b&#62;",
        "value=\"k2\" selected",
        "agents/windows-x86_64/doorward-agent.exe",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    let text = sample::check("pair-agent-read", &page(false)).unwrap();
    assert!(!text.contains("<textarea") && text.contains("Call 4417 &#60;b&#62;"));
    let bare = PairPage {
        keys: Vec::new(),
        commands: Commands {
            key: None,
            site: String::new(),
            ..card(false)
        },
        ..page(false)
    };
    assert!(
        sample::check("pair-agent-bare", &bare)
            .unwrap()
            .contains("No installation key can be used")
    );
}

#[test]
fn a_code_leads_to_the_facts_and_a_warning() {
    let page = |found, is_fresh| CodePage {
        shell: shell("Let a machine in", Entry::Agents),
        notice: None,
        errors: Errors::none(),
        user_code: "BCDF-GHJK".into(),
        found,
        words: String::new(),
        is_fresh,
    };
    let found = Found {
        id: id(1),
        name: "HQ-LT-0417".into(),
        site: "Head office".into(),
        standing: Standing::Waiting,
        asked_at: NOW,
        network: "198.51.100.7".into(),
        is_same_network: false,
        facts: vec![Fact {
            what: "Host name",
            value: "HQ <b>".into(),
        }],
        older: Some((id(9), "HQ-OLD".into())),
        may_pair: true,
    };
    let text = sample::check("pair-code", &page(None, true)).unwrap();
    assert!(text.contains("name=\"user_code\"") && !text.contains("maxlength=\"8\""));
    let text = sample::check("pair-code-stale", &page(None, false)).unwrap();
    assert!(text.contains("next=/pair&amp;needs=factor") && !text.contains("name=\"user_code\""));
    let text = sample::check("pair-code-found", &page(Some(found.clone()), true)).unwrap();
    for wanted in [
        "only if you stand before this machine",
        "value=\"approve\"",
        "value=\"refuse\"",
        "another network than yours",
        "HQ &#60;b&#62;",
        "HQ-OLD",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    let text = sample::check(
        "pair-code-read",
        &page(
            Some(Found {
                may_pair: false,
                ..found
            }),
            true,
        ),
    )
    .unwrap();
    assert!(!text.contains("value=\"approve\""));
    let mut wrong = page(None, true);
    wrong.errors.push("user_code", Reason::RequestRefused);
    assert!(
        sample::check("pair-code-wrong", &wrong)
            .unwrap()
            .contains("user_code-error")
    );
}
