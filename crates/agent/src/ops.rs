//! What a person asks of a paired agent once: status, rotate, unpair. Each says in a line what came of it.
//! Must never happen: an identity thrown away that the server still counts; "active" said to a copy.
use crate::{
    api::{Api, Caller, Trouble},
    client::Client,
    folder::{Folder, Identity, KEY, NEXT_KEY},
    key,
    marks::marks,
    say::{Done, Fault, line, log},
    server::Server,
    token,
};
use agent_wire::{Holder, SelfAnswer, State};
use std::path::Path;

/// The agent as it lies in its folder.
pub struct Agent {
    pub folder: Folder,
    pub identity: Identity,
    pub key: Holder,
    pub api: Api,
}

/// An agent that was paired.
pub fn open(path: &Path) -> Done<Agent> {
    let folder = Folder::at(path);
    let unpaired = || {
        Fault::failed(format!(
            "this machine is not paired: {} holds no agent; run doorward-agent pair",
            path.display()
        ))
    };
    let identity = folder.identity()?.ok_or_else(unpaired)?;
    settle_next_key(&folder, &identity)?;
    let key = key::load(&folder, KEY)?.ok_or_else(unpaired)?;
    let api = api(&folder, &identity)?;
    let identity = recalled(&folder, identity, &key, &api)?;
    Ok(Agent {
        folder,
        identity,
        key,
        api,
    })
}

/// The same with the id, where the answer of pairing was lost: the server knows whose key it is.
pub fn recalled(folder: &Folder, identity: Identity, key: &Holder, api: &Api) -> Done<Identity> {
    if identity.agent_id.is_some() {
        return Ok(identity);
    }
    let Ok(own) = api.own(key) else { return Ok(identity) };
    let identity = Identity {
        agent_id: Some(own.agent_id),
        ..identity
    };
    folder.keep_identity(&identity)?;
    Ok(identity)
}

pub fn api(folder: &Folder, identity: &Identity) -> Done<Api> {
    Ok(Api::new(Client::new(
        Server::read(&identity.server)?,
        folder,
        identity.has_ca,
    )?))
}

/// An answer of `self` in words.
pub fn words(own: &SelfAnswer) -> String {
    match &own.detail {
        Some(detail) => format!("{}: {detail}", own.state.name()),
        None => own.state.name().into(),
    }
}

/// `status`.
pub fn status(path: &Path, root: &Path, as_json: bool) -> Done<bool> {
    let folder = Folder::at(path);
    if folder.first_boot()?.is_some() {
        say_state(
            as_json,
            "image",
            "this image pairs by itself when a machine starts from it",
            None,
        );
        return Ok(false);
    }
    if folder.identity()?.is_none() {
        say_state(
            as_json,
            "unpaired",
            "this machine is not paired; run doorward-agent pair",
            None,
        );
        return Ok(false);
    }
    let agent = open(path)?;
    match stands(&agent, root) {
        Ok(own) => {
            let detail = match own.state {
                State::Waiting => format!(
                    "code {} at {}",
                    own.user_code.as_deref().unwrap_or("-"),
                    own.verification_uri.as_deref().unwrap_or("-")
                ),
                _ => own
                    .detail
                    .clone()
                    .unwrap_or_else(|| format!("{} at {}", own.name, agent.identity.server)),
            };
            say_state(as_json, own.state.name(), &detail, Some(&own));
            Ok(own.state == State::Active)
        }
        Err(Trouble::Answer(no)) => {
            let state = match &no {
                no if no.is_copied() => "cloned",
                no if no.is_over() => "revoked",
                _ => "unreachable",
            };
            say_state(as_json, state, &no.words(), None);
            Ok(false)
        }
        Err(Trouble::Own(fault)) => Err(fault),
    }
}

/// What the server says of this machine. INVARIANT: "active" is said only to the machine that goes on: a copy has the key as well.
fn stands(agent: &Agent, root: &Path) -> Result<SelfAnswer, Trouble> {
    let own = agent.api.own(&agent.key)?;
    if let (State::Active, Some(id)) = (own.state, agent.identity.agent_id) {
        token::renew(&agent.api, &agent.folder, &agent.key, id, &marks(root))?;
    }
    Ok(own)
}

fn say_state(as_json: bool, state: &str, detail: &str, own: Option<&SelfAnswer>) {
    if as_json {
        let told = serde_json::json!({
            "state": state,
            "detail": detail,
            "agent_id": own.map(|own| own.agent_id),
            "name": own.map(|own| &own.name),
            "reason": own.and_then(|own| own.reason.as_ref()),
            "user_code": own.and_then(|own| own.user_code.as_ref()),
            "verification_uri": own.and_then(|own| own.verification_uri.as_ref()),
        });
        line(&told.to_string());
    } else {
        line(&format!("{state}: {detail}"));
    }
}

/// `rotate`.
pub fn rotate(path: &Path, root: &Path) -> Done<bool> {
    let agent = open(path)?;
    change_key(&agent, root)?;
    line("the key is changed");
    Ok(true)
}

/// Changes the key. The next one is on the disk before the server hears of it; see `settle_next_key`.
pub fn change_key(agent: &Agent, root: &Path) -> Result<(), Trouble> {
    let id = agent
        .identity
        .agent_id
        .ok_or_else(|| Fault::failed("the pairing was never answered; run doorward-agent pair again"))?;
    let token = token::renew(&agent.api, &agent.folder, &agent.key, id, &marks(root))?;
    let _held = agent.folder.hold()?;
    let next = key::establish(&agent.folder, NEXT_KEY)?;
    agent.api.rotate(
        Caller {
            key: &agent.key,
            token: Some(&token.text),
        },
        id,
        &next,
    )?;
    agent.folder.rename(NEXT_KEY, KEY)?;
    Ok(())
}

/// A next key whose call was interrupted: where the server knows it, it is the key. INVARIANT: a key that the
/// server may have taken is never thrown away.
fn settle_next_key(folder: &Folder, identity: &Identity) -> Done {
    if folder.read(NEXT_KEY)?.is_none() {
        return Ok(());
    }
    let _held = folder.hold()?;
    let Some(next) = key::load(folder, NEXT_KEY)? else {
        return Ok(());
    };
    match api(folder, identity)?.own(&next) {
        Ok(_) => folder.rename(NEXT_KEY, KEY),
        // Not known, or no answer: both stay, since the call may still be on its way; the next change of key takes the same one.
        Err(_) => Ok(()),
    }
}

/// `unpair`.
pub fn unpair(path: &Path, root: &Path) -> Done<bool> {
    let folder = Folder::at(path);
    if folder.first_boot()?.is_some() {
        folder.wipe()?;
        line("this image pairs no more");
        return Ok(true);
    }
    let agent = open(path)?;
    match give_back(&agent, root) {
        Ok(()) => {}
        // The server has ended it already.
        Err(Trouble::Answer(no)) if no.is_over() => log(&format!("the server says: {}", no.words())),
        Err(Trouble::Answer(no)) => {
            return Err(Fault::failed(format!(
                "{}; nothing was changed. To forget the identity without the server's knowing, remove {}",
                no.words(),
                path.display()
            )));
        }
        Err(trouble) => return Err(trouble.into()),
    }
    let _held = agent.folder.hold()?;
    agent.folder.wipe()?;
    line("unpaired: this machine has no identity any more");
    Ok(true)
}

/// One that was let in proves with its token that it is no copy; one that was not has none.
fn give_back(agent: &Agent, root: &Path) -> Result<(), Trouble> {
    let own = agent.api.own(&agent.key)?;
    let token = match (own.state, agent.identity.agent_id) {
        (State::Active, Some(id)) => Some(token::renew(&agent.api, &agent.folder, &agent.key, id, &marks(root))?.text),
        _ => None,
    };
    agent.api.unpair(Caller {
        key: &agent.key,
        token: token.as_deref(),
    })
}
