//! Pairing: the machine asks to be let in, and says what came of it. Must never happen: a second agent by a second run; an identity thrown away that
//! the server still counts; a key pair that a call was made with and that is not on the disk.
use crate::{
    api::Trouble,
    backoff::Backoff,
    client::certificates,
    ending::Ending,
    first_boot,
    folder::{CA, FirstBoot, Folder, Held, Identity, KEY},
    inventory::inventory,
    key,
    marks::marks,
    ops::{Agent, api, recalled, words},
    say::{Done, Fault, line, log},
    server::Server,
    token,
};
use agent_wire::{Facts, InstallationKey, PairAnswer, SelfAnswer, State};
use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// What `pair` was called with.
pub struct Pair {
    pub server: Server,
    pub key: InstallationKey,
    pub name: Option<String>,
    pub ca: Option<PathBuf>,
    pub wait: Duration,
    pub on_first_boot: bool,
    pub root: PathBuf,
}

/// `pair`.
pub fn pair(path: &Path, asked: &Pair) -> Done<bool> {
    let folder = Folder::make(path)?;
    let held = folder.hold()?;
    if let Some((agent, own)) = already(Folder::at(path), &held, asked)? {
        drop(held);
        return told_again(&agent, own, asked);
    }
    if let Some(file) = &asked.ca {
        let pem = std::fs::read(file).map_err(|e| Fault::failed(format!("could not read {}: {e}", file.display())))?;
        certificates(&pem)?;
        folder.write(CA, &pem)?;
    }
    let identity = Identity {
        server: asked.server.as_str().into(),
        agent_id: None,
        name: asked.name.clone(),
        has_ca: asked.ca.is_some(),
    };
    folder.keep_identity(&identity)?;
    if asked.on_first_boot {
        let boot = FirstBoot {
            installation_key: asked.key.reveal(),
            marks: marks(&asked.root),
        };
        first_boot::useful(&boot.marks)?;
        folder.keep_first_boot(&boot)?;
        line(
            "this image is ready: a machine that starts from it pairs by itself. Do not start it again before you take the image.",
        );
        return Ok(true);
    }
    let patience = Patience {
        lasts: asked.wait.max(Duration::from_secs(30)),
        // A script wants one line on stderr where it failed.
        is_told: std::io::stderr().is_terminal(),
    };
    let how = (&patience, &Ending::listen());
    let (agent, answer) = request(folder, identity, &asked.key, &asked.root, how)?;
    drop(held);
    tell(&agent, &answer, asked.wait)
}

/// The identity that the machine has and that counts. One that the server has ended makes room for a new one.
fn already(folder: Folder, held: &Held, asked: &Pair) -> Done<Option<(Agent, SelfAnswer)>> {
    let Some(identity) = folder.identity()? else {
        return Ok(None);
    };
    let Some(key) = key::load(&folder, KEY)? else {
        return Ok(None);
    };
    if identity.server != asked.server.as_str() {
        if identity.agent_id.is_none() {
            // Another server never answered: perhaps its address was mistyped.
            return folder.wipe().map(|()| None);
        }
        let words = format!(
            "this machine is paired with {}; run doorward-agent unpair first",
            identity.server
        );
        return Err(Fault::failed(words));
    }
    let api = api(&folder, &identity)?;
    let identity = recalled(&folder, identity, &key, &api)?;
    let Some(id) = identity.agent_id else {
        return Ok(None);
    };
    let own = match api.own(&key) {
        Ok(own) => own,
        Err(Trouble::Answer(no)) if no.is_over() => return folder.wipe().map(|()| None),
        Err(trouble) => return Err(trouble.into()),
    };
    match own.state {
        // A copy has the key as well; only with the ratchet it hears that it is one.
        State::Active => match token::renew_held(&api, (&folder, held), &key, id, &marks(&asked.root)) {
            Err(Trouble::Answer(no)) if no.is_over() => return folder.wipe().map(|()| None),
            Err(Trouble::Own(fault)) => return Err(fault),
            Ok(_) | Err(Trouble::Answer(_)) => {}
        },
        State::Waiting => {}
        State::Refused | State::Revoked | State::Cloned => return folder.wipe().map(|()| None),
    }
    let agent = Agent {
        folder,
        identity,
        key,
        api,
    };
    Ok(Some((agent, own)))
}

/// A second run of `pair` says what the first one said.
fn told_again(agent: &Agent, own: SelfAnswer, asked: &Pair) -> Done<bool> {
    if asked.on_first_boot {
        return Err(Fault::failed(
            "this machine is paired itself, and every machine of its image would be a copy of it; run doorward-agent unpair first",
        ));
    }
    line(&format!(
        "this machine is paired already with {}: {}",
        agent.identity.server,
        own.state.name()
    ));
    let answer = PairAnswer {
        agent_id: own.agent_id,
        state: own.state,
        user_code: own.user_code,
        verification_uri: own.verification_uri,
        interval: own.interval,
    };
    tell(agent, &answer, asked.wait)
}

/// How long a server that is away is waited for, and whether each try is told.
pub struct Patience {
    pub lasts: Duration,
    pub is_told: bool,
}

/// Asks to be paired, as often as it takes for a while: the same key pair is the same agent, whatever happened to an answer.
pub fn request(
    folder: Folder,
    identity: Identity,
    installation: &InstallationKey,
    root: &Path,
    (patience, ending): (&Patience, &Ending),
) -> Done<(Agent, PairAnswer)> {
    let key = key::establish(&folder, KEY)?;
    let api = api(&folder, &identity)?;
    let facts = Facts {
        name: identity.name.clone(),
        marks: marks(root),
        inventory: inventory(root),
    };
    let (until, mut backoff) = (Instant::now() + patience.lasts, Backoff::default());
    let answer = loop {
        match api.pair(&key, installation, &facts) {
            Ok(answer) => break answer,
            Err(Trouble::Answer(no)) if no.may_pass() && Instant::now() < until => {
                let wait = backoff.next(no.retry_after());
                if patience.is_told {
                    log(&format!("{}; trying again in {} s", no.words(), wait.as_secs().max(1)));
                }
                if !ending.wait(wait) {
                    return Err(no.into());
                }
            }
            Err(trouble) => return Err(trouble.into()),
        }
    };
    let identity = Identity {
        agent_id: Some(answer.agent_id),
        ..identity
    };
    folder.keep_identity(&identity)?;
    Ok((
        Agent {
            folder,
            identity,
            key,
            api,
        },
        answer,
    ))
}

/// Says what came of it, and waits for the decision where that was asked for.
fn tell(agent: &Agent, answer: &PairAnswer, wait: Duration) -> Done<bool> {
    if answer.state == State::Active {
        line("paired: active");
        return Ok(true);
    }
    if answer.state != State::Waiting {
        return Err(Fault::failed(format!(
            "the server has decided already: {}",
            answer.state.name()
        )));
    }
    let mut shown = answer.user_code.clone();
    waiting(answer.verification_uri.as_deref(), shown.as_deref());
    let (until, mut backoff) = (Instant::now() + wait, Backoff::default());
    let interval = Duration::from_secs(u64::from(answer.interval.clamp(1, 60)));
    let ending = Ending::listen();
    while Instant::now() < until {
        if !ending.wait(interval.min(until.saturating_duration_since(Instant::now()))) {
            break;
        }
        match agent.api.own(&agent.key) {
            Ok(own) if own.state == State::Active => {
                line("paired: active");
                return Ok(true);
            }
            Ok(own) if own.state == State::Waiting => {
                if own.user_code != shown {
                    waiting(own.verification_uri.as_deref(), own.user_code.as_deref());
                    shown = own.user_code;
                }
            }
            Ok(own) => return Err(Fault::failed(words(&own))),
            Err(Trouble::Answer(no)) if no.may_pass() => {
                ending.wait(
                    backoff
                        .next(no.retry_after())
                        .min(until.saturating_duration_since(Instant::now())),
                );
            }
            Err(trouble) => return Err(trouble.into()),
        }
    }
    line("paired: waiting for approval");
    Ok(true)
}

fn waiting(uri: Option<&str>, code: Option<&str>) {
    line("waiting for approval: a person lets this machine in, in the list of agents or with this code.");
    line(&format!("  code:    {}", code.unwrap_or("-")));
    line(&format!("  address: {}", uri.unwrap_or("-")));
}
