//! Home: for those who may read the activity, how the door is doing and what needs them; for everybody else, where they are signed in.
//! Lives in the program because it shows what several capabilities publish; it asks their views only, never their tables, each once.
mod days;
mod needs;
mod page;

use axum::{extract::State, http::StatusCode, response::Response};
use days::Days;
use ground::{
    Ask, Failure, Guard, House, Permit, Routes, db,
    db::View,
    page::{Day, Entry, HouseShell, SignInChart, html},
};
use kernel::{Action, Organisation, Span, Time, act};
use page::{Figures, HomePage, MyDevice, Overview};

/// Days of the chart.
const DAYS: u32 = 28;
/// Events of the list.
const LATEST: u32 = 8;
/// No session is open longer than this; see the policies of sessions.
const LONGEST_SESSION: Span = Span::days(31);

/// The route.
pub fn routes(house: House) -> Routes {
    let state = HomeState {
        house,
        days: Days::default(),
    };
    Routes::new()
        .get("/app", Guard::Person(Action::SeeOwn), home)
        .with_state(state)
}

/// The state of the route.
#[derive(Clone)]
struct HomeState {
    house: House,
    days: Days,
}

/// What the page is made of.
struct Facts {
    devices: Vec<MyDevice>,
    overview: Option<Overview>,
    is_review_due: bool,
    longer_password_due: Option<Time>,
}

/// GET `/app`.
async fn home(State(state): State<HomeState>, ask: Ask<act::SeeOwn>) -> Result<Response, Failure> {
    let days = state.days.clone();
    let facts = move |view: &mut View, permit: &Permit<act::SeeOwn>| {
        let overview = overview(view, permit, &days)?;
        let devices = match overview {
            Some(_) => Vec::new(),
            None => my_devices(view, permit)?,
        };
        Ok::<_, db::Error>(Facts {
            devices,
            overview,
            is_review_due: recovery::is_review_due(view, permit.caller().person, permit.now())?,
            longer_password_due: sessions::longer_password_due(view, permit.caller().person)?,
        })
    };
    let (permit, facts) = state.house.read(&ask, facts).await?;
    let shell = HouseShell::new("Home", Entry::Home, permit.caller(), permit.now());
    Ok(html(
        StatusCode::OK,
        HomePage {
            shell,
            today: permit.now(),
            devices: facts.devices,
            overview: facts.overview,
            is_review_due: facts.is_review_due,
            longer_password_due: facts.longer_password_due,
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

fn overview(view: &mut View, permit: &Permit<act::SeeOwn>, days: &Days) -> db::Result<Option<Overview>> {
    if !permit.may(Action::ReadEvents) {
        return Ok(None);
    }
    let (organisation, now) = (Organisation(permit.caller().organisation), permit.now());
    let days = days.of(view, organisation, DAYS, now)?;
    let day = |of: activity::SignIns| Day {
        label: label(of.day),
        allowed: of.allowed,
        stopped: of.stopped,
    };
    Ok(Some(Overview {
        figures: figures(view, permit, organisation)?,
        chart: SignInChart::new(days.into_iter().map(day).collect()),
        needs: needs::find(view, permit, organisation)?,
        latest: activity::Lines(activity::latest(view, organisation, LATEST)?),
    }))
}

fn figures(view: &mut View, permit: &Permit<act::SeeOwn>, organisation: Organisation) -> db::Result<Figures> {
    let now = permit.now();
    let whole = |count: i64| u64::try_from(count).unwrap_or(0);
    let (signed_in, devices) = sessions::signed_in(view, organisation, now - idle(permit), now - LONGEST_SESSION)?;
    let (mut accounts, mut with_two) = (0, 0);
    // What counts as a second factor is what the organisation's policy allows.
    let policy = organisations::standing(view, organisation)?.map(|standing| standing.policies.factors);
    for (kinds, people) in people::count_by_kinds(view, organisation)? {
        accounts += whole(people);
        let counts = policy.as_ref().is_none_or(|policy| policy.counting(kinds).has_factor());
        with_two += if counts { whole(people) } else { 0 };
    }
    Ok(Figures {
        people: whole(people::count_members(view, organisation)?),
        signed_in: whole(signed_in),
        devices: whole(devices),
        accounts,
        with_two,
        stopped: activity::stopped_since(view, organisation, now - Span::days(1))?,
    })
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
