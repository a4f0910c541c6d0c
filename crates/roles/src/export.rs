//! Roles, permissions and grants as data: what `doorward authz export` writes, for whoever checks rights outside. For the program.
//! Must never happen: a person's name or address in it; ids say who, and the store knows the rest.
use crate::{
    built_in::{BUILT_IN, permissions},
    sent::scope_word,
    store::{self, groups, lists, lists::GrantLine},
    why::grantable,
};
use ground::{
    Ground,
    db::{Result, View},
};
use kernel::{Action, Deployment, Organisation, OrganisationId, Permissions, Reach, Scope, SiteId};
use serde_json::{Value, json};
use uuid::Uuid;

fn names(permissions: Permissions) -> Vec<&'static str> {
    let all = permissions.iter().filter(|action| action.reach() != Reach::Own);
    all.map(Action::name).collect()
}

const fn reach(action: Action) -> &'static str {
    match action.reach() {
        Reach::Own => "own",
        Reach::Organisation => "organisation",
        Reach::Customer => "customer",
        Reach::Site => "site",
    }
}

/// A permission as data.
pub(crate) fn permission(action: Action) -> Value {
    json!({
        "name": action.name(),
        "label": action.label(),
        "limited_to": reach(action),
        "step_up": action.is_delicate(),
    })
}

/// Everything, organisation by organisation, in the order of their ids.
pub async fn export(ground: &Ground) -> Result<Value> {
    let built_in: Vec<Value> = BUILT_IN
        .iter()
        .map(|name| json!({"name": name, "permissions": names(permissions(name))}))
        .collect();
    let mut organisations = Vec::new();
    let mut after = None;
    loop {
        let part = ground
            .store
            .read(move |view| lists::organisations(view, Deployment, after))
            .await?;
        let Some(last) = part.last() else { break };
        after = Some(last.id);
        for named in part {
            organisations.push(organisation(ground, named).await?);
        }
    }
    Ok(json!({
        "permissions": grantable().map(permission).collect::<Vec<_>>(),
        "built_in_roles": built_in,
        "operator": "the command line of the server; no role of an organisation",
        "organisations": organisations,
    }))
}

async fn organisation(ground: &Ground, named: lists::Named) -> Result<Value> {
    let of = Organisation(named.id);
    let (roles, all_groups, group_grants) = ground
        .store
        .read(move |view| {
            Ok::<_, ground::db::Error>((
                store::list(view, of)?,
                groups::list(view, of)?,
                lists::all_group_grants(view, of)?,
            ))
        })
        .await?;
    let roles: Vec<Value> = roles
        .iter()
        .map(|role| {
            json!({"id": role.id, "name": role.name, "built_in": role.is_built_in, "permissions": names(role.permissions)})
        })
        .collect();
    let groups: Vec<Value> = all_groups
        .iter()
        .map(|group| {
            let own = group_grants.iter().filter(|line| line.holder == group.id.0);
            json!({"id": group.id, "name": group.name, "roles": own.map(|line| grant(line, None)).collect::<Vec<_>>()})
        })
        .collect();
    let grants = pages(
        ground,
        move |view, after| lists::all_grants(view, of, after),
        |line| line.holder,
    )
    .await?;
    let members = pages(
        ground,
        move |view, after| lists::all_members(view, of, after),
        |(person, _)| person.0,
    )
    .await?;
    Ok(json!({
        "id": named.id,
        "parent": named.parent,
        "name": named.name,
        "roles": roles,
        "groups": groups,
        "grants": grants.iter().map(|line| grant(line, Some("person"))).collect::<Vec<_>>(),
        "group_members": members.iter().map(|(person, group)| json!({"person": person, "group": group})).collect::<Vec<_>>(),
    }))
}

fn grant(line: &GrantLine, holder: Option<&str>) -> Value {
    let scope = match line.scope_kind.as_str() {
        "customer" => scope_word(Scope::Customer(OrganisationId(line.scope))),
        "site" => scope_word(Scope::Site(SiteId(line.scope))),
        kind => kind.to_owned(),
    };
    let mut told = json!({"role": line.role, "scope": scope});
    if let (Some(holder), Some(told)) = (holder, told.as_object_mut()) {
        told.insert(holder.to_owned(), json!(line.holder));
    }
    told
}

/// A long list in parts, each a short read. The rows of the last holder of a full part are left to the next one, so that none is cut in two.
async fn pages<T: Send + 'static>(
    ground: &Ground,
    read: impl Fn(&mut View, Uuid) -> Result<Vec<T>> + Clone + Send + 'static,
    holder: impl Fn(&T) -> Uuid,
) -> Result<Vec<T>> {
    let (mut all, mut after) = (Vec::new(), Uuid::nil());
    loop {
        let read = read.clone();
        let mut part: Vec<T> = ground.store.read(move |view| read(view, after)).await?;
        let is_full = part.len() >= 5_000;
        let Some(last) = part.last().map(&holder) else { break };
        if is_full {
            part.retain(|row| holder(row) != last);
        }
        match part.last().map(&holder) {
            Some(end) => after = end,
            None => break,
        }
        all.extend(part);
        if !is_full {
            break;
        }
    }
    Ok(all)
}
