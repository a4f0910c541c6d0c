//! Where a browser stands before a step is shown or taken, or where it is led instead; and the end of a sign-in that had too many wrong codes.
//! Must never happen: a circle; a page of one step shown where another one is due.
use crate::{
    Front,
    flow::{self, Flow},
    http::{begin_again, put, see_other, shell},
    live::{self, Browser, Live},
    page::steps::OverPage,
    settle::refused,
    store,
};
use axum::{http::StatusCode, response::Response};
use factors::{authenticators::Authenticator, text};
use ground::{
    Failure, Visitor, cookies,
    db::{self, Tx},
    page::{Notice, html},
};
use kernel::{Deployment, Reason};
use organisations::AtTheDoor;

/// What a step's page is made from.
pub(crate) struct Stand {
    pub door: AtTheDoor,
    pub live: Live,
    pub browser: Browser,
    /// The person's authenticators.
    pub has: Vec<Authenticator>,
    /// The text message of this sign-in.
    pub texted: Option<text::Sent>,
}

impl Front {
    /// Where the sign-in of this browser stands. Err: not here; the answer leads on to where it does, or to a new one that keeps where it was going.
    pub(crate) async fn stand(&self, visitor: &Visitor, path: &str) -> Result<Result<Stand, Response>, Failure> {
        let browser = Browser::of(visitor, None);
        let looking = browser.clone();
        let work = move |view: &mut db::View| {
            let Some(live) = live::look(view, &looking)? else {
                return Ok::<_, db::Error>(None);
            };
            let door = organisations::at_the_door(view, Deployment)?;
            let has = factors::authenticators::of_person(view, Deployment, live.person.id, looking.now)?;
            let texted = text::state(view, Deployment, &live.row.browser_hash, looking.now)?;
            Ok(Some((door, live, has, texted)))
        };
        let found = self.house.ground.store.read(work).await;
        let Some((door, live, has, texted)) = found.map_err(|error| Failure::store(visitor, &error))? else {
            let flow = Flow::of(visitor, None);
            let was_under_way = !flow::stored_hashes(visitor).is_empty();
            let to = if was_under_way {
                begin_again(&flow)
            } else {
                flow.address("/sign-in")
            };
            return Ok(Err(see_other(&to)));
        };
        if live.step.path() != path {
            return Ok(Err(see_other(live.step.path())));
        }
        Ok(Ok(Stand {
            door,
            live,
            browser,
            has,
            texted,
        }))
    }

    /// A sign-in that had too many wrong codes: it is over, and the log tells of it.
    pub(crate) async fn over(&self, visitor: &Visitor, stand: &Stand) -> Result<Response, Failure> {
        let (ground, live, browser) = (self.house.ground.clone(), stand.live.clone(), stand.browser.clone());
        let work = move |tx: &mut Tx| {
            store::end(tx, Deployment, &live.row.browser_hash)?;
            let event = refused(&live, &browser, &ground).because(Reason::SignInTooManyCodes);
            ground::journal::append(tx, &event)
        };
        let done = self.house.ground.store.write(work).await;
        done.map_err(|error| Failure::store(visitor, &error))?;
        let mut response = over(visitor, stand);
        let ground = &self.house.ground;
        put(
            response.headers_mut(),
            ground
                .cookies
                .set(cookies::FLOW, &Flow::of(visitor, None).seal(ground), None),
        );
        Ok(response)
    }
}

/// The page of a sign-in that has no try left. It ends nothing.
pub(crate) fn over(visitor: &Visitor, stand: &Stand) -> Response {
    let page = OverPage {
        shell: shell("Sign in again", &stand.door),
        notice: Notice::refused(Reason::SignInTooManyCodes),
        action: Flow::of(visitor, None).address("/sign-in"),
    };
    html(StatusCode::UNPROCESSABLE_ENTITY, page)
}
