//! The list of people as a file for a spreadsheet, written as it is read, chunk by chunk.
//! Must never happen: a file that looks finished and is not; a cell that a spreadsheet runs as a formula.
use crate::{
    decide::Filter,
    seen::{self, Seen},
};
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use ground::{Ground, cursor::ByName, db};
use http_body_util::channel::{Channel, Sender};
use kernel::{Organisation, Time};
use roles::Told;

const CHUNK: usize = 500;
const HEAD: &str = "id,name,email,state,roles,home,joined_at,last_sign_in_at,second_factor\r\n";

/// The answer: everybody whom the filter wants, by name.
pub(crate) fn answer(ground: &Ground, organisation: Organisation, filter: Filter) -> Response {
    let (sender, body) = Channel::new(2);
    tokio::spawn(write(ground.clone(), organisation, filter, sender));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"people.csv\""),
        ),
    ];
    (headers, Body::new(body)).into_response()
}

/// Writes until the end, until the reader has gone, or until the store fails: then the connection breaks off, so that nobody takes the file for
/// a finished one.
async fn write(ground: Ground, organisation: Organisation, filter: Filter, mut sender: Sender<Bytes, db::Error>) {
    if let Err(error) = write_all(&ground, organisation, &filter, &mut sender).await {
        tracing::error!(%error, "an export of people broke off");
        sender.abort(error);
    }
}

async fn write_all(
    ground: &Ground,
    organisation: Organisation,
    filter: &Filter,
    sender: &mut Sender<Bytes, db::Error>,
) -> db::Result<()> {
    let mut is_there = sender.send_data(HEAD.into()).await.is_ok();
    let mut next = Some(ByName::default());
    while let Some(after) = next.take().filter(|_| is_there) {
        let held = filter.clone();
        let part = ground
            .store
            .read(move |view| seen::part(view, organisation, &held, &after, CHUNK))
            .await?;
        let text: String = part.people.iter().map(|seen| line(seen, organisation)).collect();
        next = part.next;
        is_there = text.is_empty() || sender.send_data(text.into()).await.is_ok();
    }
    Ok(())
}

fn line(seen: &Seen, organisation: Organisation) -> String {
    let own = seen.at_home(organisation);
    let (home, joined_at) = match seen {
        Seen::Member(member, _) => (member.home_name.clone(), member.joined_at.rfc3339()),
        Seen::Invited(..) => (String::new(), String::new()),
    };
    let roles: Vec<String> = seen.told().iter().map(Told::words).collect();
    let last = own.and_then(|member| member.last_sign_in_at).map(Time::rfc3339);
    let factor = own.map(|member| if member.kinds.has_factor() { "yes" } else { "no" });
    let cells = [
        seen.place().id.to_string(),
        seen.name().to_owned(),
        seen.email().to_owned(),
        seen.state().name().to_owned(),
        roles.join("; "),
        home,
        joined_at,
        last.unwrap_or_default(),
        factor.unwrap_or_default().to_owned(),
    ];
    cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    if guard.is_empty() && !text.contains([',', '"', '\r', '\n', ';']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_name_runs_as_nothing_in_a_spreadsheet() {
        for (text, expected) in [
            ("Ana Lima", "Ana Lima"),
            ("Lima, Ana", "\"Lima, Ana\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+49", "\"'+49\""),
            ("-1", "\"'-1\""),
            ("@ana", "\"'@ana\""),
            ("says \"hi\"", "\"says \"\"hi\"\"\""),
            ("Technician; Auditor", "\"Technician; Auditor\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
