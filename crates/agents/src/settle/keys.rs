//! Installation keys are made and revoked. Must never happen: a key without its event, or one for a site that its maker's role does not reach.
use super::{Acting, Undo, settle};
use crate::{
    decide::key::{MOST_KEYS, Wanted, Wish, check},
    http::Agents,
    pair,
    store::{self, Key},
};
use agent_wire::InstallationKey;
use ground::{
    Ask, Failure, Ground,
    db::{Lock, Tx},
    journal,
};
use kernel::{Act, Action, EventKind, InstallationKeyId, Reason, SiteId};

/// A key that was made, with its secret: shown once.
pub(crate) struct Made {
    pub key: Key,
    pub shown: InstallationKey,
}

/// Makes a key.
pub(crate) async fn make_key<A: Act>(agents: &Agents, ask: &Ask<A>, wish: Wish) -> Result<Result<Made, Undo>, Failure> {
    let ground = &agents.house.ground;
    let shown = drawn(ground);
    let hash = pair::key_hash(ground, &shown);
    let id = InstallationKeyId::new(ground.now(), &ground.chance);
    let hint = shown.hint();
    let made = settle(agents, ask, move |tx, acting| {
        insert(tx, acting, &wish, (id, &hash, &hint))
    })
    .await?;
    Ok(made.map(|key| Made { key, shown }))
}

/// Fresh bits, until their check character is one that can be typed anywhere.
fn drawn(ground: &Ground) -> InstallationKey {
    loop {
        if let Some(key) = InstallationKey::new(ground.chance.bytes()) {
            return key;
        }
    }
}

fn insert(
    tx: &mut Tx,
    acting: &Acting<'_>,
    wish: &Wish,
    (id, hash, hint): (InstallationKeyId, &[u8; 32], &str),
) -> Result<Key, Undo> {
    let wanted = check(wish, acting.now).map_err(Undo::Fields)?;
    let organisation = acting.organisation();
    tx.lock(Lock::on("installation-keys", organisation.0.0.as_bytes()))?;
    let site = site(tx, acting, &wanted)?;
    if !acting.may_at(Action::MakeKeys, site) {
        return Err(Undo::Forbidden);
    }
    if store::count_living_keys(tx, organisation, acting.now)? >= MOST_KEYS {
        return Err(Undo::Refused(Reason::InstallationKeysTooMany));
    }
    store::insert_key(
        tx,
        organisation,
        (id, hash, hint),
        (site, &wanted),
        (acting.caller.person, acting.now),
    )?;
    let approval = if wanted.is_preapproved {
        "pre-approved"
    } else {
        "approve each"
    };
    let detail = format!(
        "{hint}, {} uses, until {}, {approval}",
        wanted.uses,
        wanted.ends_at.rfc3339()
    );
    journal::append(tx, &acting.event(EventKind::InstallationKeyMade, &detail))?;
    store::key(tx, organisation, id)?.ok_or(Undo::Absent)
}

/// The site that was named, or the organisation's first.
fn site(tx: &mut Tx, acting: &Acting<'_>, wanted: &Wanted) -> Result<SiteId, Undo> {
    let organisation = acting.organisation();
    match wanted.site {
        Some(site) if organisations::has_site(tx, organisation, site)? => Ok(site),
        Some(_) => Err(Undo::Absent),
        None => first_site(tx, acting),
    }
}

/// Of whoever may make keys at some sites only: the first of these.
fn first_site(tx: &mut Tx, acting: &Acting<'_>) -> Result<SiteId, Undo> {
    let sites = organisations::sites(tx, acting.organisation(), 1_000)?;
    let mut ids: Vec<SiteId> = sites.into_iter().map(|site| site.id).collect();
    // Ids grow with time: the first is the one that the organisation was made with.
    ids.sort_by_key(|id| id.0);
    let reached = ids.iter().find(|id| acting.may_at(Action::MakeKeys, **id));
    reached.or(ids.first()).copied().ok_or(Undo::Absent)
}

/// Revokes a key. False: it was revoked before.
pub(crate) async fn revoke_key<A: Act>(
    agents: &Agents,
    ask: &Ask<A>,
    id: InstallationKeyId,
) -> Result<Result<bool, Undo>, Failure> {
    settle(agents, ask, move |tx, acting| {
        let organisation = acting.organisation();
        let key = store::key(tx, organisation, id)?.ok_or(Undo::Absent)?;
        if !acting.may_at(Action::MakeKeys, key.site) {
            return Err(Undo::Absent);
        }
        let is_new = store::revoke_key(tx, organisation, id, acting.caller.person, acting.now)?;
        if is_new {
            journal::append(tx, &acting.event(EventKind::InstallationKeyRevoked, &key.hint))?;
        }
        Ok(is_new)
    })
    .await
}
