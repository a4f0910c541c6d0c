//! Benches of a decision who may do what: yes and no, with few grants and many, and what the door asks with every request. At most 2 µs a decision.
use criterion::Criterion;
use kernel::{Action, Authorizer, Grant, Holder, On, OrganisationId, PersonId, RoleId, Scope, SiteId};
use roles::Rules;
use std::hint::black_box;
use uuid::Uuid;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    decisions(&mut criterion);
    criterion.final_summary();
}

fn holder(grants: u128) -> Holder {
    let grant = |n: u128| Grant {
        role: RoleId(Uuid::from_u128(n)),
        name: "Technician".into(),
        is_built_in: true,
        permissions: roles::permissions("Technician"),
        scope: Scope::Site(SiteId(Uuid::from_u128(n))),
        group: None,
    };
    Holder {
        person: PersonId(Uuid::from_u128(1)),
        organisation: OrganisationId(Uuid::from_u128(2)),
        grants: (0..grants).map(grant).collect(),
    }
}

fn decisions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rights");
    for grants in [1, 3, 10] {
        let holder = holder(grants);
        let last = On::Site(SiteId(Uuid::from_u128(grants - 1)));
        group.bench_function(format!("yes of {grants}"), |b| {
            b.iter(|| Rules.decide(black_box(&holder), Action::PairAgents, black_box(last)));
        });
        group.bench_function(format!("no of {grants}"), |b| {
            b.iter(|| Rules.decide(black_box(&holder), Action::RevokeAgents, black_box(last)));
        });
        group.bench_function(format!("everything that {grants} allow"), |b| {
            b.iter(|| Rules.allowed(black_box(&holder)));
        });
    }
    group.finish();
}
