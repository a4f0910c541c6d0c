//! Home: where the reader is signed in, and for those who may read the activity, how the door is doing. For everyone with a session.
//! Lives in the program because it shows what several capabilities publish; it asks their views only, never their tables.
mod page;

use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Guard, House, Permit, Routes, db,
    db::View,
    page::{Day, Entry, HouseShell, SignInChart, html},
};
use kernel::{Action, Organisation, Span, act};
use page::{Figures, HomePage, MyDevice, Overview};

/// Days of the chart.
const DAYS: u32 = 28;
/// Events of the list.
const LATEST: u32 = 8;
/// No session is open longer than this; see the policies of sessions.
const LONGEST_SESSION: Span = Span::days(31);

/// The route.
pub fn routes(house: House) -> Routes {
    Routes::new()
        .get("/app", Guard::Person(Action::SeeOwn), home)
        .with_state(house)
}

/// GET `/app`.
async fn home(State(house): State<House>, ask: Ask<act::SeeOwn>) -> Result<Response, Failure> {
    let facts = |view: &mut View, permit: &Permit<act::SeeOwn>| {
        let is_review_due = recovery::is_review_due(view, permit.caller().person, permit.now())?;
        let due = sessions::longer_password_due(view, permit.caller().person)?;
        let (devices, overview) = (my_devices(view, permit)?, overview(view, permit)?);
        Ok::<_, db::Error>((devices, overview, is_review_due, due))
    };
    let (permit, (devices, overview, is_review_due, longer_password_due)) = house.read(&ask, facts).await?;
    let shell = HouseShell::new("Home", Entry::Home, permit.caller(), permit.now());
    Ok(html(
        StatusCode::OK,
        HomePage {
            shell,
            today: permit.now(),
            devices,
            overview,
            is_review_due,
            longer_password_due,
        },
    ))
}

fn my_devices(view: &mut View, permit: &Permit<act::SeeOwn>) -> db::Result<Vec<MyDevice>> {
    let listed = sessions::of_person(view, permit.caller().person, permit.now())?;
    let device = |listed: sessions::Listed| MyDevice {
        is_here: listed.session.id == permit.caller().session,
        device: listed.session.device_label,
        network: listed.session.network,
        seen_at: listed.session.seen_at,
        is_shared: listed.session.is_shared,
    };
    let mut devices: Vec<MyDevice> = listed.into_iter().map(device).collect();
    devices.sort_by_key(|device| !device.is_here);
    Ok(devices)
}

fn overview(view: &mut View, permit: &Permit<act::SeeOwn>) -> db::Result<Option<Overview>> {
    if !permit.may(Action::ReadEvents) {
        return Ok(None);
    }
    let (organisation, now) = (Organisation(permit.caller().organisation), permit.now());
    let (signed_in, devices) = sessions::signed_in(view, organisation, now - idle(permit), now - LONGEST_SESSION)?;
    let whole = |count: i64| u64::try_from(count).unwrap_or(0);
    let figures = Figures {
        signed_in: whole(signed_in),
        devices: whole(devices),
        stopped: activity::stopped_since(view, organisation, now - Span::days(1))?,
        people: whole(people::count_members(view, organisation)?),
    };
    let days = activity::sign_ins_by_day(view, organisation, DAYS, now)?;
    let day = |of: activity::SignIns| Day {
        label: label(of.day),
        allowed: of.allowed,
        stopped: of.stopped,
    };
    let chart = SignInChart::new(days.into_iter().map(day).collect());
    let latest = activity::Lines(activity::latest(view, organisation, LATEST)?);
    Ok(Some(Overview { figures, chart, latest }))
}

/// How long a session of this organisation may idle: as the reader's own does.
fn idle(permit: &Permit<act::SeeOwn>) -> Span {
    permit.caller().locks_at - permit.caller().seen_at
}

/// "27 Oct".
fn label(day: kernel::Time) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let text = day.rfc3339();
    let mut parts = text.split(['-', 'T']).skip(1);
    let month = parts
        .next()
        .and_then(|month| month.parse::<usize>().ok())
        .and_then(|month| MONTHS.get(month.saturating_sub(1)));
    let day = parts.next().and_then(|day| day.parse::<u8>().ok());
    month
        .zip(day)
        .map_or(text.clone(), |(month, day)| format!("{day} {month}"))
}

#[cfg(test)]
mod tests {
    use super::label;
    use kernel::Time;

    #[test]
    fn a_day_is_called_as_on_a_calendar() {
        assert_eq!(label(Time::from_seconds(0)), "1 Jan");
        assert_eq!(label(Time::from_seconds(1_795_511_642)), "24 Nov");
    }
}
