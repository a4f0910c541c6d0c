//! The buttons on the pages about agents: each does one thing and leads back, or says on the page why not.
use super::{
    list::{self, Listing},
    named,
    one::{self, Shown},
};
use crate::{
    decide::ratchet::Keep,
    http::Agents,
    settle::{self, Deed, Undo},
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure,
    form::{Form, Path},
    page::{Notice, see_other},
};
use kernel::{Act, AgentId, Reason, act};
use serde::Deserialize;

/// Nothing is sent with the button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Which agent, as the path says.
pub(super) type Which = Result<Path<String>, Failure>;

/// Back to the agent with what was done, or its page with why not.
async fn back<A: Act, T>(
    agents: &Agents,
    ask: &Ask<A>,
    id: AgentId,
    done: &str,
    came: Result<T, Undo>,
) -> Result<Response, Failure> {
    match came {
        Ok(_) => Ok(see_other(&format!("/app/agents/{id}?done={done}"))),
        Err(undo) => one::answer(agents, ask, id, Shown::refused(ask, undo)?).await,
    }
}

/// An agent that is let in, in the place of another where one is named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApproveForm {
    replaces: Option<AgentId>,
}

/// POST `/app/agents/{id}/approve`.
pub(super) async fn approve(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    form: Form<ApproveForm>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id).await?;
    let form = form.open_for(&agents.house, &ask).await?;
    let came = settle::approve(&agents, &ask, id, form.replaces).await?;
    back(&agents, &ask, id, "approved", came).await
}

/// POST `/app/agents/{id}/refuse`.
pub(super) async fn refuse(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id).await?;
    let Nothing {} = form.open_for(&agents.house, &ask).await?;
    let came = settle::refuse(&agents, &ask, id).await?;
    back(&agents, &ask, id, "refused", came).await
}

/// POST `/app/agents/{id}/revoke`.
pub(super) async fn revoke(
    State(agents): State<Agents>,
    ask: Ask<act::RevokeAgents>,
    id: Which,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id).await?;
    let Nothing {} = form.open_for(&agents.house, &ask).await?;
    let came = settle::revoke(&agents, &ask, id).await?;
    back(&agents, &ask, id, "revoked", came).await
}

/// POST `/app/agents/{id}/rotate`.
pub(super) async fn rotate(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id).await?;
    let Nothing {} = form.open_for(&agents.house, &ask).await?;
    let came = settle::ask_rotation(&agents, &ask, id).await?;
    back(&agents, &ask, id, "rotate", came).await
}

/// Which of two machines goes on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PickForm {
    keep: String,
}

/// POST `/app/agents/{id}/pick`.
pub(super) async fn pick(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    form: Form<PickForm>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id).await?;
    let form = form.open_for(&agents.house, &ask).await?;
    let Some(keep) = Keep::from_name(&form.keep) else {
        agents.house.admit(&ask).await?;
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    let came = settle::pick(&agents, &ask, id, keep).await?;
    back(&agents, &ask, id, "picked", came).await
}

/// POST `/app/agents/bulk`: all that are ticked are let in, or refused.
pub(super) async fn decide_many(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    form: Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    many(
        &agents,
        &ask,
        form,
        &[("approve", Deed::Approve), ("refuse", Deed::Refuse)],
    )
    .await
}

/// POST `/app/agents/revoke`: all that are ticked are revoked.
pub(super) async fn revoke_many(
    State(agents): State<Agents>,
    ask: Ask<act::RevokeAgents>,
    form: Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    many(&agents, &ask, form, &[("revoke", Deed::Revoke)]).await
}

async fn many<A: Act>(
    agents: &Agents,
    ask: &Ask<A>,
    form: Form<Vec<(String, String)>>,
    known: &[(&'static str, Deed)],
) -> Result<Response, Failure> {
    let sent = form.open_for(&agents.house, ask).await?;
    let Some((word, deed, ids)) = ticked(&sent, known) else {
        agents.house.admit(ask).await?;
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    if ids.is_empty() {
        let notice = Notice::warn("Tick at least one agent first.", "");
        return list::answer(
            agents,
            ask,
            &Listing::default(),
            Some(notice),
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    match settle::bulk(agents, ask, ids, deed).await? {
        Ok(()) => Ok(see_other(&format!("/app/agents?done={word}"))),
        Err(undo) => {
            let shown = Shown::refused(ask, undo)?;
            let notice = shown.notice.map(|notice| notice.and("Nothing was changed."));
            list::answer(agents, ask, &Listing::default(), notice, shown.status).await
        }
    }
}

/// What to do, and with which. None: the form has something else in it.
fn ticked(sent: &[(String, String)], known: &[(&'static str, Deed)]) -> Option<(&'static str, Deed, Vec<AgentId>)> {
    let (mut chosen, mut ids) = (None, Vec::new());
    for (name, value) in sent {
        match name.as_str() {
            "agent" => ids.push(value.parse().ok()?),
            "act" if chosen.is_none() => chosen = Some(*known.iter().find(|(word, _)| word == value)?),
            _ => return None,
        }
    }
    let (word, deed) = chosen?;
    Some((word, deed, ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_something_else_in_it_is_none() {
        let id = "01936d2c-5b7e-7000-8000-000000000000";
        let known = [("approve", Deed::Approve), ("refuse", Deed::Refuse)];
        let sent = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let (word, _, ids) = ticked(&sent(&[("agent", id), ("act", "refuse"), ("agent", id)]), &known).unwrap();
        assert_eq!((word, ids.len()), ("refuse", 2));
        for bad in [
            sent(&[]),
            sent(&[("agent", id)]),
            sent(&[("act", "revoke"), ("agent", id)]),
            sent(&[("act", "approve"), ("act", "refuse"), ("agent", id)]),
            sent(&[("act", "approve"), ("agent", "x")]),
            sent(&[("act", "approve"), ("agent", id), ("site", "1")]),
        ] {
            assert!(ticked(&bad, &known).is_none(), "{bad:?}");
        }
    }
}
