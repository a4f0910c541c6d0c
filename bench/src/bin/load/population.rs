//! What a sign-in costs without its hash, in a small and in a large store: the same server with a hash that costs next to nothing.
use crate::{Plan, child_roles, server::start, sign_ins::SigningIn, table};
use anyhow::Result;
use bench::{
    SERVER_CORE,
    child::pinned,
    cluster::Cluster,
    furnish::furnish,
    place::Place,
    rounds::{Round, run},
};
use tokio::runtime::Runtime;

const SMALL: u32 = 1_000;
/// Between one person and the next, so that their rows are far apart. Prime, so that everybody has a turn.
const STEP: u32 = 104_729;

/// Measures both.
pub fn measure(plan: &Plan, runtime: &Runtime, cluster: Option<&Cluster>) -> Result<()> {
    let small = one(plan, runtime, cluster, SMALL)?;
    let large = one(plan, runtime, cluster, plan.large_crowd)?;
    let more = large.wait(50) - small.wait(50);
    table::round(
        &format!("sign-in without the hash, {SMALL} people, one client"),
        &small,
        "",
    )?;
    let what = format!("sign-in without the hash, {} people, one client", plan.large_crowd);
    table::round(&what, &large, &format!("{more:+.2} ms at the middle; aim ±1 ms"))
}

fn one(plan: &Plan, runtime: &Runtime, cluster: Option<&Cluster>, size: u32) -> Result<Round> {
    let place = Place::new(cluster)?;
    furnish(runtime, &place, child_roles::next_to_nothing()?, size, 0)?;
    let mut command = pinned(SERVER_CORE, &std::env::current_exe()?);
    let role = child_roles::Role::Cheap {
        folder: place.folder().to_path_buf(),
        port: place.port(),
        url: place.url(),
    };
    role.put_on(&mut command);
    let (child, _) = start(runtime, command, &place)?;
    let (_, round) = runtime.block_on(async {
        let client = SigningIn::new(place.port(), 0, STEP % size, size).await?;
        run(vec![client], plan.round, || child.cpu()).await
    })?;
    child.stop()?;
    Ok(round)
}
