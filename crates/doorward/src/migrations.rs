//! The migrations of the product, in order. A text that has run anywhere is never changed; a new one is added.
use ground::db::Migration;

macro_rules! migrations {
    ($($id:literal $name:literal $(, $only:ident)?;)+) => {
        /// Every migration, first to last.
        pub static MIGRATIONS: &[Migration] = &[$(Migration {
            id: $id,
            name: $name,
            sql: include_str!(concat!("../../../migrations/", $name, ".sql")),
            postgres_only: migrations!(@only $($only)?),
        }),+];
    };
    (@only postgres_only) => { true };
    (@only) => { false };
}

migrations! {
    1 "0001_organisations";
    2 "0002_people";
    3 "0003_factors";
    4 "0004_sessions";
    5 "0005_journal";
    6 "0006_chain_next", postgres_only;
    7 "0007_delivery";
    8 "0008_recovery";
    9 "0009_authenticators";
    10 "0010_passkeys";
    11 "0011_devices";
    12 "0012_sign_in_flow";
    13 "0013_policies";
    14 "0014_step_up";
    15 "0015_lost_factors";
    16 "0016_roles";
    17 "0017_organisations";
    18 "0018_invitations";
    19 "0019_activity";
    20 "0020_api_keys";
    21 "0021_journal_cut";
    22 "0022_refusals";
    23 "0023_device_expected";
    24 "0024_short_passwords";
    25 "0025_agents";
}
