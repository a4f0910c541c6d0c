//! The device's step: a code by mail, or two digits for a device that is trusted; and the last step of a sign-in, where one button is left.
//! Must never happen: an answer that lets another browser in than the one that showed the digits.
use crate::{
    Coming, Front, Next,
    decide::Step,
    flow::Flow,
    http::{see_other, shell},
    live::{self, Browser, Live},
    page::steps::{DevicePage, DeviceState},
    settle::{about, go_on},
    stand::Stand,
    store,
};
use axum::{extract::State, http::StatusCode, response::Response};
use devices::{
    admission,
    verify::{self, Answer, Checked, Posted},
};
use ground::{
    Failure, Visitor,
    db::{self, Tx, View},
    failure::retry_after,
    form::Form,
    page::{Errors, Notice, html},
};
use kernel::{Deployment, FieldError, Reason, Time};
use serde::Deserialize;

const PATH: &str = "/sign-in/device";

/// GET `/sign-in/device`.
pub(crate) async fn show(State(front): State<Front>, visitor: Visitor) -> Result<Response, Failure> {
    let stand = match front.stand(&visitor, PATH).await? {
        Ok(stand) => stand,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = front.device_page(&visitor, &stand).await?;
    Ok(html(StatusCode::OK, page))
}

impl Front {
    async fn device_page(&self, visitor: &Visitor, stand: &Stand) -> Result<DevicePage, Failure> {
        let (check, is_refused) = self.look(visitor, stand).await?;
        let answer = check.as_ref().map(|check| check.answer);
        let state = match (stand.live.step, answer) {
            (Step::Waits, _) if is_refused => DeviceState::Refused,
            (Step::Waits, _) => DeviceState::Waits,
            (Step::Device, None | Some(Answer::Waiting)) => DeviceState::Asks,
            (Step::Device, Some(Answer::Denied)) => DeviceState::Denied,
            _ => DeviceState::Ready,
        };
        let digits = check
            .filter(|_| state == DeviceState::Asks)
            .and_then(|check| check.digits);
        Ok(DevicePage {
            shell: shell("Confirm this device", &stand.door),
            email: stand.live.person.email.clone(),
            state,
            why: stand.live.judged.why.unwrap_or(Reason::DeviceNew),
            digits: digits.map(|digits| format!("{digits:02}")),
            notice: None,
            errors: Errors::none(),
        })
    }

    /// How its verification stands, and whether an administrator has refused it.
    async fn look(&self, visitor: &Visitor, stand: &Stand) -> Result<(Option<verify::State>, bool), Failure> {
        let (live, browser) = (stand.live.clone(), stand.browser.clone());
        let work = move |view: &mut View| {
            let check = verify::state(view, Deployment, &live.row.browser_hash, browser.now)?;
            Ok::<_, db::Error>((check, is_refused(view, &live, &browser)?))
        };
        let seen = self.house.ground.store.read(work).await;
        seen.map_err(|error| Failure::store(visitor, &error))
    }
}

/// Whether an administrator has refused the device that waits for one.
pub(crate) fn is_refused(view: &mut View, live: &Live, browser: &Browser) -> db::Result<bool> {
    Ok(live.step == Step::Waits && admission::is_refused(view, Deployment, &browser.tokens, live.person.id)?)
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DeviceForm {
    code: String,
    send: Option<String>,
}

/// What a try at the step came to.
enum Tried {
    Next(Next),
    /// Not a code, or a wrong one.
    Wrong(Reason, Option<u32>),
    /// Too many wrong answers, until then.
    Paused(Time),
    /// Refused on a trusted device.
    Denied,
    /// Nothing was typed.
    Missing,
}

/// POST `/sign-in/device`.
pub(crate) async fn confirm(
    State(front): State<Front>,
    visitor: Visitor,
    form: Form<DeviceForm>,
) -> Result<Response, Failure> {
    let form = form.open()?;
    let stand = match front.stand(&visitor, PATH).await? {
        Ok(stand) => stand,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if form.send.is_some() && stand.live.step == Step::Device {
        return send(&front, &visitor, &stand).await;
    }
    let coming = Coming::draw(&visitor, stand.browser.clone());
    let (held, step, hash, typed) = (front.clone(), coming.clone(), stand.live.row.browser_hash, form.code);
    let lock = factors::person_lock(stand.live.person.id);
    let work = move |tx: &mut Tx| try_step(tx, &held, &hash, &typed, &step);
    let tried = front.house.ground.store.write_holding(lock, work).await;
    let tried = tried.map_err(|error| Failure::store(&visitor, &error))?;
    // Other tabs of this sign-in, and the trusted devices that were asked, see at once what became of it.
    front.streams.ring();
    match tried {
        Tried::Next(Next::Step(Step::Waits)) => {
            refuse(&front, &visitor, &stand, |page| {
                let why = Reason::SignInDeviceWaits;
                page.notice = (page.state == DeviceState::Waits).then(|| Notice::refused(why));
            })
            .await
        }
        Tried::Next(next) => Ok(front.lead(next, &Flow::of(&visitor, None), &coming)),
        Tried::Denied => refuse(&front, &visitor, &stand, |_| {}).await,
        Tried::Missing => {
            let errors = Errors::from(vec![FieldError::new("code", Reason::SignInFieldMissing)]);
            refuse(&front, &visitor, &stand, |page| page.errors = errors).await
        }
        Tried::Wrong(reason, left) => {
            let notice = Notice::refused(reason);
            let notice = match left {
                Some(1) => notice.and("One try left."),
                Some(left @ 2..) => notice.and(&format!("{left} tries left.")),
                Some(0) => notice.and("Ask for another mail."),
                None => notice,
            };
            refuse(&front, &visitor, &stand, |page| page.notice = Some(notice)).await
        }
        Tried::Paused(until) => paused(&front, &visitor, &stand, Reason::DeviceCodesPaused, until).await,
    }
}

async fn refuse(
    front: &Front,
    visitor: &Visitor,
    stand: &Stand,
    with: impl FnOnce(&mut DevicePage),
) -> Result<Response, Failure> {
    let mut page = front.device_page(visitor, stand).await?;
    with(&mut page);
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
}

async fn paused(
    front: &Front,
    visitor: &Visitor,
    stand: &Stand,
    reason: Reason,
    until: Time,
) -> Result<Response, Failure> {
    let mut page = front.device_page(visitor, stand).await?;
    let wait = until - stand.browser.now;
    page.notice = Some(Notice::refused(reason).wait(wait, until));
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, page);
    retry_after(&mut response, wait);
    Ok(response)
}

/// The step in its transaction: an approval counts before a code, and what is right is spent once.
fn try_step(tx: &mut Tx, front: &Front, hash: &[u8; 32], typed: &str, coming: &Coming) -> db::Result<Tried> {
    let (ground, now) = (&front.house.ground, coming.browser.now);
    let Some(live) = live::find(tx, &coming.browser, hash)? else {
        return Ok(Tried::Next(Next::Gone));
    };
    if live.step != Step::Device {
        return Ok(Tried::Next(go_on(tx, front, hash, coming, Vec::new())?));
    }
    let answer = verify::state(tx, Deployment, hash, now)?.map(|check| check.answer);
    let mut events = Vec::new();
    match answer {
        Some(Answer::Denied) => return Ok(Tried::Denied),
        Some(Answer::Verified) => {}
        Some(Answer::Waiting) | None if typed.trim().is_empty() => return Ok(Tried::Missing),
        Some(Answer::Waiting) | None => {
            let (checked, told) = verify::check(tx, ground, &about(&live, &coming.browser), typed, now)?;
            events = told;
            let refusal = match checked {
                Checked::Right => None,
                Checked::Wrong { left } => Some(Tried::Wrong(Reason::DeviceCodeWrong, Some(left))),
                Checked::Malformed => Some(Tried::Wrong(Reason::DeviceCodeWrong, None)),
                Checked::Paused { until } => Some(Tried::Paused(until)),
            };
            if let Some(refusal) = refusal {
                ground::journal::append_all(tx, &events)?;
                return Ok(refusal);
            }
        }
    }
    if verify::spend(tx, Deployment, hash, live.person.id, now)? {
        store::verify_device(tx, Deployment, live.row.id)?;
    }
    Ok(Tried::Next(go_on(tx, front, hash, coming, events)?))
}

/// Sends another mail.
async fn send(front: &Front, visitor: &Visitor, stand: &Stand) -> Result<Response, Failure> {
    let coming = Coming::draw(visitor, stand.browser.clone());
    let (ground, live, browser) = (front.house.ground.clone(), stand.live.clone(), stand.browser.clone());
    let work = move |tx: &mut Tx| {
        let about = about(&live, &browser);
        verify::post_code(tx, &ground, &about, &coming.device, browser.now)
    };
    let lock = factors::person_lock(stand.live.person.id);
    let posted = front.house.ground.store.write_holding(lock, work).await;
    match posted.map_err(|error| Failure::store(visitor, &error))? {
        Posted::Sent { .. } | Posted::Over => Ok(see_other(PATH)),
        Posted::Soon { again_at } => paused(front, visitor, stand, Reason::SignInMailSoon, again_at).await,
        Posted::Paused { until } => paused(front, visitor, stand, Reason::DeviceCodesPaused, until).await,
        Posted::Enough => {
            let notice = Notice::refused(Reason::SignInMailSoon);
            refuse(front, visitor, stand, |page| page.notice = Some(notice)).await
        }
    }
}
