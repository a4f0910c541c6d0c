//! The desk's order, bounds and cancellations.
use super::*;

fn known(device: &str, network: &str) -> Asker {
    Asker {
        known_device: Some(device.into()),
        network: network.into(),
    }
}
fn stranger(network: &str) -> Asker {
    Asker {
        known_device: None,
        network: network.into(),
    }
}
fn go(desk: &mut Desk<&'static str>, asker: Asker) -> Ticket {
    let Answer::Go(ticket) = desk.ask(asker, "") else {
        panic!("no slot was free")
    };
    ticket
}
fn wait(desk: &mut Desk<&'static str>, asker: Asker, name: &'static str) -> Ticket {
    let Answer::Wait(ticket) = desk.ask(asker, name) else {
        panic!("{name} was not queued")
    };
    ticket
}
fn is_full(desk: &mut Desk<&'static str>, asker: Asker) -> bool {
    matches!(desk.ask(asker, ""), Answer::Full)
}

#[test]
fn known_devices_come_first_then_one_a_network_then_the_rest() {
    let mut desk = Desk::new(1, 10);
    let first = go(&mut desk, stranger("flood"));
    let a = wait(&mut desk, stranger("flood"), "flood again");
    let b = wait(&mut desk, stranger("quiet"), "quiet");
    let c = wait(&mut desk, known("phone", "flood"), "phone");
    assert_eq!(desk.leave(first), ["phone"]);
    assert_eq!(
        desk.leave(c),
        ["flood again"],
        "its network has none in flight any more, and it came before"
    );
    assert_eq!(desk.leave(a), ["quiet"]);
    assert!(desk.leave(b).is_empty());
    assert_eq!((desk.waiting(), desk.in_flight()), (0, 0));
}

#[test]
fn a_network_with_one_in_flight_stands_behind_a_later_network_without() {
    let mut desk = Desk::new(2, 10);
    let _flood = go(&mut desk, stranger("flood"));
    let other = go(&mut desk, known("laptop", "office"));
    wait(&mut desk, stranger("flood"), "flood again");
    wait(&mut desk, stranger("quiet"), "quiet");
    assert_eq!(desk.leave(other), ["quiet"]);
}

#[test]
fn a_device_has_one_place_in_its_class() {
    let mut desk = Desk::new(1, 10);
    let first = go(&mut desk, stranger("x"));
    let laptop = wait(&mut desk, known("laptop", "office"), "laptop");
    wait(&mut desk, known("laptop", "office"), "laptop again");
    wait(&mut desk, known("phone", "office"), "phone");
    assert_eq!(desk.leave(first), ["laptop"]);
    assert_eq!(desk.leave(laptop), ["phone"]);
}

#[test]
fn a_full_queue_refuses_the_rest_and_makes_room_for_a_better_right() {
    let mut desk = Desk::new(1, 2);
    let first = go(&mut desk, stranger("flood"));
    wait(&mut desk, stranger("flood"), "old");
    wait(&mut desk, stranger("flood"), "new");
    assert!(is_full(&mut desk, stranger("flood")));
    let quiet = wait(&mut desk, stranger("quiet"), "quiet");
    assert!(is_full(&mut desk, stranger("quiet")), "its network has a place already");
    let phone = wait(&mut desk, known("phone", "flood"), "phone");
    assert_eq!(desk.waiting(), 2);
    assert_eq!(desk.leave(first), ["phone"], "both of the flood gave way");
    assert_eq!(desk.leave(phone), ["quiet"]);
    assert!(desk.leave(quiet).is_empty());
}

#[test]
fn a_known_device_takes_even_the_only_place_of_a_network_but_never_another_devices() {
    let mut desk = Desk::new(1, 1);
    go(&mut desk, stranger("x"));
    wait(&mut desk, stranger("quiet"), "quiet");
    wait(&mut desk, known("phone", "office"), "phone");
    assert!(is_full(&mut desk, known("laptop", "office")));
}

#[test]
fn whoever_gives_up_leaves_nothing_behind() {
    let mut desk = Desk::new(1, 2);
    let first = go(&mut desk, stranger("x"));
    let gone = wait(&mut desk, known("phone", "office"), "gone");
    assert!(desk.leave(gone).is_empty());
    wait(&mut desk, known("phone", "office"), "back");
    assert_eq!(desk.leave(first), ["back"]);
    assert!(desk.leave(gone).is_empty(), "leaving twice changes nothing");
    assert_eq!(desk.in_flight(), 1);
    assert!(desk.strangers.is_empty() && desk.networks.is_empty());
}

#[test]
fn slots_and_places_are_never_exceeded() {
    let mut desk = Desk::new(3, 5);
    let mut tickets = Vec::new();
    for n in 0_u32..1_000 {
        let asker = if n % 3 == 0 {
            known(&(n % 11).to_string(), "n")
        } else {
            stranger(&(n % 7).to_string())
        };
        match desk.ask(asker, "") {
            Answer::Go(ticket) | Answer::Wait(ticket) => tickets.push(ticket),
            Answer::Full => {}
        }
        if n % 2 == 0 && !tickets.is_empty() {
            let at = usize::try_from(n).unwrap() % tickets.len();
            desk.leave(tickets.swap_remove(at));
        }
        assert!(desk.in_flight() <= 3 && desk.waiting() <= 5);
    }
    for ticket in tickets {
        desk.leave(ticket);
    }
    assert_eq!((desk.waiting(), desk.in_flight()), (0, 0));
    assert!(desk.devices.is_empty() && desk.strangers.is_empty() && desk.networks.is_empty());
}
