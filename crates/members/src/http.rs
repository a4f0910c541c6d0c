//! The routes of people, and the one way in which all of them act: let in, decide, commit, and nothing where it was refused.
use crate::{
    api,
    change::{Acting, Done, all_or_nothing},
    join,
};
use axum::http::StatusCode;
use factors::Prover;
use ground::{
    About, Ask, Failure, Guard, House, Permit, Routes,
    db::Tx,
    form::{Path, Query},
};
use kernel::{Act, Action, Freshness, Reason};
use uuid::Uuid;

mod acts;
mod list;
mod one;

/// The state of these routes.
#[derive(Clone)]
pub struct Members {
    pub(crate) house: House,
    pub(crate) prover: Prover,
}

impl Members {
    /// On the house, with what makes passwords.
    pub fn new(house: House, prover: Prover) -> Self {
        Self { house, prover }
    }

    /// A part of a request, or what is wrong with it: a stranger hears of the door first.
    pub(crate) async fn part<A: Act, T>(&self, ask: &Ask<A>, part: Result<T, Failure>) -> Result<T, Failure> {
        if part.is_err() {
            self.house.admit(ask).await?;
        }
        part
    }

    /// Whom a call is about, in the organisation that the door let the caller in to.
    pub(crate) async fn whom<A: Act>(
        &self,
        ask: &Ask<A>,
        id: Result<Path<String>, Failure>,
        about: Result<Query<About>, Failure>,
    ) -> Result<Uuid, Failure> {
        let (Path(id), _) = (self.part(ask, id).await?, self.part(ask, about).await?);
        let Ok(id) = id.parse() else {
            self.house.admit(ask).await?;
            return Err(ask.not_found());
        };
        Ok(id)
    }

    /// Lets the caller in and acts; where it was refused, nothing has happened.
    pub(crate) async fn settle<A: Act, T: Send + 'static>(
        &self,
        ask: &Ask<A>,
        work: impl Fn(&mut Tx, &Acting<'_>) -> Done<T> + Send + 'static,
    ) -> Result<(Permit<A>, Done<T>), Failure> {
        let ground = self.house.ground.clone();
        self.house
            .write(ask, None, move |tx, permit| {
                let acting = Acting::of(&ground, permit);
                all_or_nothing(tx, |tx| work(tx, &acting))
            })
            .await
    }

    /// The same for a program, which is answered with a problem where it was refused.
    pub(crate) async fn write<A: Act, T: Send + 'static>(
        &self,
        ask: &Ask<A>,
        work: impl Fn(&mut Tx, &Acting<'_>) -> Done<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let (permit, done) = self.settle(ask, work).await?;
        match done {
            Ok(done) => Ok(done),
            Err(stop) => Err(stop.into_failure(&self.house, ask, &permit).await),
        }
    }
}

/// What a program sent and cannot be read.
pub(crate) fn malformed<A: Act>(ask: &Ask<A>) -> Failure {
    ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed)
}

/// The routes.
pub fn routes(state: Members) -> Routes {
    Routes::new()
        .merge(joining())
        .merge(pages())
        .merge(programs())
        .with_state(state)
}

fn joining() -> Routes<Members> {
    Routes::new()
        .get("/invitation", Guard::Anyone("invitation.see"), join::show)
        .post("/invitation", Guard::Anyone("invitation.join"), join::join)
        .get("/app/join", Guard::Person(Action::SeeOwn), join::show_member)
        .post("/app/join", Guard::Person(Action::ChangeOwn), join::join_as_member)
}

fn pages() -> Routes<Members> {
    let see = Guard::Person(Action::SeePeople);
    let invite = Guard::Fresh(Action::InvitePeople, Freshness::Factor);
    let change = Guard::Fresh(Action::ChangePeople, Freshness::Factor);
    let erase = Guard::Fresh(Action::ErasePeople, Freshness::Factor);
    Routes::new()
        .get("/app/people", see, list::show)
        .get("/app/people/export", see, list::export)
        .post("/app/people/bulk", change, acts::bulk)
        .get("/app/people/invite", Guard::Person(Action::InvitePeople), list::invite)
        .post("/app/people/invite", invite, list::send)
        .get("/app/people/{id}", see, one::show)
        .post("/app/people/{id}/change", change, one::change)
        .post("/app/people/{id}/roles", change, one::turn_role)
        .post("/app/people/{id}/disable", change, acts::disable)
        .post("/app/people/{id}/enable", change, acts::enable)
        .post("/app/people/{id}/remove", change, acts::remove)
        .post(
            "/app/people/{id}/unlock",
            Guard::Person(Action::UnlockPeople),
            acts::unlock,
        )
        .post(
            "/app/people/{id}/sign-out",
            Guard::Person(Action::SignOutPeople),
            acts::sign_out,
        )
        .post(
            "/app/people/{id}/reset-factors",
            Guard::Fresh(Action::ResetFactors, Freshness::Factor),
            acts::reset_factors,
        )
        .post("/app/people/{id}/resend", invite, acts::resend)
        .post("/app/people/{id}/withdraw", invite, acts::withdraw)
        .post("/app/people/{id}/data", erase, acts::data)
        .post("/app/people/{id}/erase", erase, acts::erase)
}

fn programs() -> Routes<Members> {
    let see = Guard::Person(Action::SeePeople);
    let invite = Guard::Fresh(Action::InvitePeople, Freshness::Factor);
    let change = Guard::Fresh(Action::ChangePeople, Freshness::Factor);
    let erase = Guard::Fresh(Action::ErasePeople, Freshness::Factor);
    Routes::new()
        .get("/api/v1/people", see, api::list)
        .post("/api/v1/people", invite, api::invite)
        .get("/api/v1/people/export", see, api::export)
        .post("/api/v1/people/bulk", change, api::bulk)
        .get("/api/v1/people/{id}", see, api::one)
        .patch("/api/v1/people/{id}", change, api::change)
        .delete("/api/v1/people/{id}", change, api::remove)
        .post("/api/v1/people/{id}/resend", invite, api::resend)
        .post("/api/v1/people/{id}/data", erase, api::data)
        .post("/api/v1/people/{id}/erase", erase, api::erase)
}
