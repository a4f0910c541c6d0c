//! Every page about people, rendered from samples and held to the rules of the house.
use super::*;
use ground::page::{Entry, sample};
use kernel::{Action, Reason};

const AT: Time = Time::from_seconds(1_795_511_642);

fn shell(title: &str, here: Entry) -> HouseShell {
    HouseShell {
        title: title.into(),
        here,
        person: "Mara Okafor".into(),
        role: "Owner".into(),
        organisation: "Northwind IT".into(),
        may: [Action::SeePeople, Action::InvitePeople].into_iter().collect(),
        has_others: false,
        locks_in: 1800,
        ends_in: 43_200,
    }
}

fn line(id: u128, state: State) -> Line {
    Line {
        id: Uuid::from_u128(id),
        name: "Ana <Lima>".into(),
        email: "ana@northwind.example".into(),
        state,
        roles: "Technician at the site Leeds branch".into(),
        from: None,
        last_sign_in_at: Some(AT),
        ends_at: (state == State::Invited).then_some(AT),
        is_over: false,
    }
}

fn choices() -> Vec<Choice> {
    vec![
        ("01936d2c-5b7e-7000-8000-000000000000".into(), "Owner".into()),
        ("01936d2c-5b7e-7000-8000-000000000001".into(), "Technician".into()),
    ]
}

fn people() -> PeoplePage {
    PeoplePage {
        shell: shell("People", Entry::People),
        notice: Some(Notice::done("The invitation is on its way.")),
        filters: Filters {
            q: "ana".into(),
            state: "active".into(),
            role: "01936d2c-5b7e-7000-8000-000000000001".into(),
        },
        roles: choices(),
        lines: vec![
            line(1, State::Active),
            line(2, State::Disabled),
            line(3, State::Invited),
            Line {
                from: Some("Contoso MSP".into()),
                last_sign_in_at: None,
                ..line(4, State::Active)
            },
        ],
        next: Some("/app/people?q=ana&cursor=abc".into()),
        first: Some("/app/people?q=ana".into()),
        file: "/app/people/export?q=ana".into(),
        may_invite: true,
        may_change: true,
    }
}

#[test]
fn the_list_shows_who_is_there_who_is_invited_and_from_where() {
    let text = sample::check("people", &people()).unwrap();
    for wanted in [
        ">active<",
        ">disabled<",
        ">invited<",
        "from Contoso MSP",
        "Invite somebody",
        "Download as CSV",
        "name=\"action\" value=\"disable\"",
        "More people",
        "From the beginning",
        "Technician at the site Leeds branch",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    assert_eq!(
        text.matches("name=\"person\"").count(),
        3,
        "an invited person has no box"
    );
    assert!(!text.contains("<Lima>"));
}

#[test]
fn an_empty_list_says_why_and_a_reader_gets_no_buttons() {
    let bare = PeoplePage {
        lines: Vec::new(),
        notice: None,
        next: None,
        first: None,
        ..people()
    };
    assert!(sample::check("people-none", &bare).unwrap().contains("Nobody matches"));
    let reader = PeoplePage {
        may_invite: false,
        may_change: false,
        filters: Filters::default(),
        ..people()
    };
    let text = sample::check("people-reader", &reader).unwrap();
    assert!(
        !text.contains("name=\"action\"") && !text.contains("Invite somebody") && !text.contains("type=\"checkbox\"")
    );
}

#[test]
fn the_form_that_invites_keeps_what_was_typed_and_tells_what_is_wrong() {
    let mut errors = Errors::none();
    errors.push("email", Reason::EmailInvalid);
    errors.push("role", Reason::RoleUnknown);
    let page = InvitePage {
        shell: shell("Invite somebody", Entry::People),
        notice: Some(Notice::refused(Reason::PersonInvited)),
        errors,
        name: "Ana Lima".into(),
        email: "ana@".into(),
        role: choices()[1].0.clone(),
        scope: "everything".into(),
        language: "de".into(),
        roles: choices(),
        scopes: vec![("everything".into(), "Everything".into())],
        languages: vec![("en".into(), "English".into()), ("de".into(), "Deutsch".into())],
        is_fresh: false,
    };
    let text = sample::check("invite", &page).unwrap();
    for wanted in [
        "value=\"ana@\"",
        "value=\"de\" selected",
        "/app/step-up?next=/app/people/invite",
        "Send the invitation",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
}

fn person() -> PersonPage {
    let held = |words: &str, is_own| Held {
        words: words.into(),
        role: Uuid::from_u128(1),
        scope: "everything".into(),
        is_own,
    };
    PersonPage {
        shell: shell("Ana Lima", Entry::People),
        notice: Some(Notice::done("Saved.")),
        errors: Errors::none(),
        line: line(1, State::Active),
        name: "Ana Lima".into(),
        email: "ana@northwind.example".into(),
        joined_at: Some(AT),
        second_factor: Some(true),
        held: vec![
            held("Technician", true),
            held("Auditor, by the group Night shift", false),
        ],
        roles: choices(),
        scopes: vec![("everything".into(), "Everything".into())],
        may: May {
            change: true,
            unlock: true,
            sign_out: true,
            reset: true,
            erase: true,
            invite: true,
        },
        is_home: true,
        is_self: false,
        is_fresh: false,
    }
}

#[test]
fn the_page_about_somebody_has_every_button_that_the_reader_may_press() {
    let text = sample::check("person", &person()).unwrap();
    for wanted in [
        "First aid",
        ">Unlock<",
        ">Sign out everywhere<",
        ">Send the link<",
        ">Disable<",
        ">Remove<",
        ">Erase<",
        ">Download<",
        ">Save<",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    assert_eq!(
        text.matches(">Take away<").count(),
        1,
        "a group's role is not the person's"
    );
    let disabled = PersonPage {
        line: line(1, State::Disabled),
        ..person()
    };
    assert!(
        sample::check("person-disabled", &disabled)
            .unwrap()
            .contains(">Enable<")
    );
}

#[test]
fn somebody_from_elsewhere_and_oneself_have_fewer() {
    let elsewhere = PersonPage {
        line: Line {
            from: Some("Contoso MSP".into()),
            ..line(1, State::Active)
        },
        is_home: false,
        second_factor: None,
        ..person()
    };
    let text = sample::check("person-elsewhere", &elsewhere).unwrap();
    assert!(text.contains("End the access") && text.contains("Contoso MSP"));
    for not in ["First aid", ">Disable<", ">Erase<", ">Save<", ">Remove<"] {
        assert!(!text.contains(not), "{not}");
    }
    let own = PersonPage {
        is_self: true,
        is_fresh: true,
        ..person()
    };
    let text = sample::check("person-self", &own).unwrap();
    for not in [">Disable<", ">Erase<", ">Remove<", "fresh proof"] {
        assert!(!text.contains(not), "{not}");
    }
    let invited = PersonPage {
        line: line(1, State::Invited),
        is_home: false,
        joined_at: None,
        second_factor: None,
        held: Vec::new(),
        ..person()
    };
    let text = sample::check("person-invited", &invited).unwrap();
    assert!(text.contains("Send it again") && text.contains(">Withdraw<") && !text.contains("name=\"turn\""));
}

#[test]
fn the_pages_that_an_invitation_opens() {
    let door = |title: &str| DoorShell::new(title).of("Northwind IT", None, "help@northwind.example");
    let mut errors = Errors::none();
    errors.push("password", Reason::PasswordShort);
    let join = JoinPage {
        shell: door("Join Northwind IT"),
        errors,
        inviter: "Mara Okafor".into(),
        organisation: "Northwind IT".into(),
        email: "ana@northwind.example".into(),
        has_account: false,
        action: "/invitation?token=abc".into(),
        name: "Ana Lima".into(),
        hint: "At least 15 characters.".into(),
    };
    let text = sample::check("join", &join).unwrap();
    assert!(text.contains(">Join</button>") && text.contains("name=\"password\"") && text.contains("name=\"name\""));
    let known = JoinPage {
        has_account: true,
        errors: Errors::none(),
        action: "/app/join?token=abc".into(),
        ..join
    };
    let text = sample::check("join-known", &known).unwrap();
    assert!(text.contains("Sign in to join") && !text.contains("name=\"password\""));
    let mut errors = Errors::none();
    errors.push("code", Reason::InvitationCodeWrong);
    let code = CodePage {
        shell: door("Join with a code"),
        errors,
        email: "ana@northwind.example".into(),
    };
    assert!(sample::check("join_code", &code).unwrap().contains("name=\"code\""));
    let over = DeadPage {
        shell: door("This invitation does not work any more"),
        notice: Notice::refused(Reason::InvitationDead),
    };
    assert!(sample::check("join_over", &over).unwrap().contains("/sign-in"));
    let member = MemberPage {
        shell: shell("Join Contoso", Entry::Home),
        notice: None,
        offer: Some(("Ida Lind".into(), "Contoso".into())),
        action: "/app/join?token=abc".into(),
    };
    assert!(
        sample::check("join_member", &member)
            .unwrap()
            .contains(">Join</button>")
    );
    let other = MemberPage {
        notice: Some(Notice::refused(Reason::InvitationOther)),
        offer: None,
        ..member
    };
    assert!(
        !sample::check("join_member-other", &other)
            .unwrap()
            .contains("<button class=\"btn main\">Join")
    );
}
