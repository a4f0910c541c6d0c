//! The whole way in of somebody with an authenticator app: password, the page of the second step, code, session. What it costs beyond the hash.
//! The phones show real codes, each is used once, and every answer is looked at.
use crate::{
    Plan, child_roles,
    server::start,
    sign_ins::{SigningIn, bare, form},
    table,
};
use anyhow::{Context, Result, ensure};
use bench::{
    SERVER_CORE,
    child::pinned,
    cluster::Cluster,
    furnish::{furnish, open},
    phones::{Phone, hand_out},
    place::Place,
    rounds::{Client, Round, run},
};
use factors::Cost;
use ground::context::system_clock;
use std::{process::Command, sync::Arc};
use tokio::runtime::Runtime;

const CLIENTS: u32 = 16;

/// Signs in with two factors.
struct TwoSteps {
    first: SigningIn,
    phones: Arc<Vec<Phone>>,
}

impl Client for TwoSteps {
    async fn once(&mut self) -> Result<()> {
        let (number, answer) = self.first.password().await?;
        let flow = answer
            .cookie("doorward_flow")
            .context("the second step has no cookie")?;
        ensure!(answer.status == 303, "no second step: status {}", answer.status);
        let (host, cookie) = (self.first.host.clone(), format!("doorward_flow={flow}"));
        let page = format!("GET /sign-in/factor HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        let page = self.first.wire.ask(page.as_bytes()).await?;
        ensure!(
            page.status == 200,
            "the page of the second step: status {}",
            page.status
        );
        let phone = self.phones.get(number as usize).context("somebody without a phone")?;
        let body = format!("code={}", phone.code(system_clock()())?);
        let request = form(&host, "/sign-in/factor", &cookie, &body);
        let answer = self.first.wire.ask(request.as_bytes()).await?;
        let is_open = answer.status == 303 && answer.cookie("doorward_session").is_some();
        ensure!(is_open, "the code of {number} opened nothing: status {}", answer.status);
        Ok(())
    }
}

/// Measures it with the hash of the product, and with one that costs next to nothing.
pub fn measure(plan: &Plan, runtime: &Runtime, cluster: Option<&Cluster>) -> Result<()> {
    let before = bare(plan.round.long)?;
    let place = Place::new(cluster)?;
    let mut command = pinned(SERVER_CORE, &plan.program);
    command.arg("serve");
    let real = one(plan, runtime, &place, (Cost::OWASP, CLIENTS), command)?;
    let hash = f64::midpoint(before.cpu, bare(plan.round.long)?.cpu);
    let beside = format!(
        "{:.1} ms of CPU beyond the bare hash's {:.1} ms; aim 5 ms",
        (real.cpu_each() - hash) / 1_000.0,
        hash / 1_000.0
    );
    table::round(&format!("password, code, session, {CLIENTS} clients"), &real, &beside)?;

    let place = Place::new(cluster)?;
    let mut command = pinned(SERVER_CORE, &std::env::current_exe()?);
    let role = child_roles::Role::Cheap {
        folder: place.folder().to_path_buf(),
        port: place.port(),
        url: place.url(),
    };
    role.put_on(&mut command);
    let cheap = one(plan, runtime, &place, (child_roles::next_to_nothing()?, 1), command)?;
    let beside = format!("{:.1} ms of CPU; aim 5 ms", cheap.cpu_each() / 1_000.0);
    let what = "password, code, session without the hash, one client";
    table::round(what, &cheap, &beside)
}

fn one(
    plan: &Plan,
    runtime: &Runtime,
    place: &Place<'_>,
    (cost, clients): (Cost, u32),
    command: Command,
) -> Result<Round> {
    furnish(runtime, place, cost, plan.phones, 0)?;
    let phones = runtime.block_on(async {
        let ground = open(place.config()?).await?;
        let phones = hand_out(&ground, plan.phones).await;
        ground.store.close().await;
        phones
    })?;
    let phones = Arc::new(phones);
    let (child, _) = start(runtime, command, place)?;
    let (_, round) = runtime.block_on(async {
        let mut all = Vec::new();
        for number in 0..clients {
            let first = SigningIn::new(place.port(), number, clients, plan.phones).await?;
            let phones = phones.clone();
            all.push(TwoSteps { first, phones });
        }
        let length = if clients > 1 { plan.sign_ins } else { plan.round };
        run(all, length, || child.cpu()).await
    })?;
    child.stop()?;
    Ok(round)
}
