//! What a machine tells of itself, as a list of words and values. Pure. It is the machine that says so: nothing of it is proved, and everything is
//! shown as text.
use agent_wire::Inventory;
use kernel::Time;

/// A word and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// What it is.
    pub what: &'static str,
    /// The value in words.
    pub value: String,
}

/// A number of bytes: "15.6 GiB".
fn bytes(number: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = UNITS.into_iter().find(|(size, _)| number >= *size);
    unit.map_or_else(
        || format!("{number} B"),
        |(size, name)| {
            let tenths = u128::from(number) * 10 / u128::from(size);
            if tenths >= 1_000 {
                format!("{} {name}", tenths / 10)
            } else {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            }
        },
    )
}

/// The facts that are there, in the order in which they are looked for.
pub(crate) fn facts(told: &Inventory) -> Vec<Fact> {
    let disks = told
        .disks
        .iter()
        .map(|disk| format!("{}: {}, {} free", disk.mount, bytes(disk.size), bytes(disk.free)));
    let cpu = match (told.cpu.as_str(), told.cores) {
        ("", 0) => String::new(),
        (cpu, 0) => cpu.to_owned(),
        ("", cores) => format!("{cores} cores"),
        (cpu, cores) => format!("{cpu}, {cores} cores"),
    };
    let memory = if told.memory == 0 {
        String::new()
    } else {
        bytes(told.memory)
    };
    let all = [
        ("Host name", told.hostname.clone()),
        (
            "System",
            [told.system.as_str(), told.arch.as_str()]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
        ),
        ("Processor", cpu),
        ("Memory", memory),
        ("Disks", disks.collect::<Vec<_>>().join(" · ")),
        ("Addresses", told.addresses.join(", ")),
        ("Agent", told.agent_version.clone()),
    ];
    let there = all.into_iter().filter(|(_, value)| !value.is_empty());
    there.map(|(what, value)| Fact { what, value }).collect()
}

/// When the machine was started, where it tells.
pub(crate) fn booted_at(told: &Inventory) -> Option<Time> {
    (told.booted_at > 0).then(|| Time::from_seconds(told.booted_at))
}

/// A clock that goes wrong, in words; nothing where it is right.
pub(crate) fn clock(millis: i64) -> Option<String> {
    let seconds = millis.unsigned_abs() / 1_000;
    let way = if millis > 0 { "ahead" } else { "behind" };
    (seconds >= 2).then(|| {
        format!(
            "{} {way}",
            kernel::Span::seconds(i64::try_from(seconds).unwrap_or(i64::MAX)).words()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use agent_wire::Disk;

    #[test]
    fn what_is_not_told_is_not_shown() {
        assert!(facts(&Inventory::default()).is_empty() && booted_at(&Inventory::default()).is_none());
        let told = Inventory {
            hostname: "HQ-LT-0417".into(),
            system: "Debian 12".into(),
            arch: "x86_64".into(),
            cores: 8,
            memory: 16_777_216_000,
            disks: vec![Disk {
                mount: "/".into(),
                size: 512_000_000_000,
                free: 51_200_000,
            }],
            ..Inventory::default()
        };
        let shown: Vec<String> = facts(&told)
            .into_iter()
            .map(|fact| format!("{}={}", fact.what, fact.value))
            .collect();
        let wanted = [
            "Host name=HQ-LT-0417",
            "System=Debian 12, x86_64",
            "Processor=8 cores",
            "Memory=15.6 GiB",
            "Disks=/: 476 GiB, 48.8 MiB free",
        ];
        assert_eq!(shown, wanted);
    }

    #[test]
    fn a_clock_is_told_only_where_it_is_wrong() {
        assert_eq!([clock(0), clock(1_999), clock(-1_999)], [None, None, None]);
        assert_eq!(clock(4_000).as_deref(), Some("4 seconds ahead"));
        assert_eq!(clock(-240_000).as_deref(), Some("4 minutes behind"));
        assert!(clock(i64::MIN).is_some() && bytes(0) == "0 B" && bytes(u64::MAX).ends_with("TiB"));
    }
}
