//! What a policy's list of models is worth: a claim where nobody's root certificate is there, a proof where one is.
use crate::{
    desk::Desk,
    maker::Maker,
    place::{ANA, ORIGIN, Place, on_both},
    soft_passkey::SoftPasskey,
};
use factors::passkeys::Roots;
use kernel::Reason;
use std::sync::Arc;
use uuid::Uuid;

const MODEL: u128 = 0xcb69_481e_8ff7_4039_93ec_0a27_29a1_54a8;
const OTHER: u128 = 0xee88_2879_721c_4913_9775_3dfc_ce97_072a;

fn listed() -> Vec<Uuid> {
    vec![Uuid::from_u128(MODEL)]
}

fn believing(at: &Arc<Place>, makers: &[&Maker]) -> Desk {
    let mut roots = Roots::default();
    for maker in makers {
        roots.take(&maker.pem).unwrap();
    }
    Desk::believing(at.clone(), roots)
}

fn of_model(model: u128) -> SoftPasskey {
    let mut soft = SoftPasskey::new(ORIGIN);
    soft.model = model;
    soft
}

async fn adds(desk: &Desk, soft: &mut SoftPasskey, models: &[Uuid]) -> Result<(), Reason> {
    let started = desk.start_enrol(ANA, models).await?;
    desk.finish_enrol(ANA, soft.create(&started), models).await.map(drop)
}

#[test]
fn with_roots_a_model_is_proved_and_what_a_key_says_of_itself_is_not_enough() {
    on_both(|at| async move {
        let maker = Maker::new("Maker Root");
        let desk = believing(&at, &[&Maker::new("Another Root"), &maker]);
        let mut says_so = of_model(MODEL);
        assert_eq!(
            adds(&desk, &mut says_so, &listed()).await,
            Err(Reason::PasskeyModelUnproved)
        );
        let mut proves = of_model(MODEL);
        proves.attested = Some(maker.attests(MODEL));
        assert_eq!(adds(&desk, &mut proves, &listed()).await, Ok(()));
        // It is used as any other.
        let started = desk.start_sign_in().await;
        assert!(desk.finish_sign_in(proves.get(&started)).await.is_ok());
    });
}

#[test]
fn a_strange_maker_another_model_and_a_key_that_can_be_copied_prove_nothing() {
    on_both(|at| async move {
        let maker = Maker::new("Maker Root");
        let desk = believing(&at, &[&maker]);
        let mut strange = of_model(MODEL);
        strange.attested = Some(Maker::new("Maker Root").attests(MODEL));
        let mut lies = of_model(MODEL);
        lies.attested = Some(maker.attests(OTHER));
        let mut copied = of_model(MODEL);
        copied.is_synchronised = true;
        copied.attested = Some(maker.attests(MODEL));
        for soft in [&mut strange, &mut lies, &mut copied] {
            assert_eq!(adds(&desk, soft, &listed()).await, Err(Reason::PasskeyModelUnproved));
        }
        // A model that is proved, and is not on the list.
        let mut other = of_model(OTHER);
        other.attested = Some(maker.attests(OTHER));
        assert_eq!(
            adds(&desk, &mut other, &listed()).await,
            Err(Reason::PasskeyModelForbidden)
        );
    });
}

#[test]
fn what_was_asked_for_before_the_list_was_made_proves_none() {
    on_both(|at| async move {
        let maker = Maker::new("Maker Root");
        let desk = believing(&at, &[&maker]);
        let mut soft = of_model(MODEL);
        let started = desk.start_enrol(ANA, &[]).await.unwrap();
        assert_eq!(started["publicKey"]["attestation"], "none");
        let body = soft.create(&started);
        assert_eq!(desk.finish_enrol(ANA, body, &listed()).await, Err(Reason::PasskeyEnded));
    });
}

#[test]
fn without_a_list_nobody_is_asked_to_prove_a_model() {
    on_both(|at| async move {
        let desk = believing(&at, &[&Maker::new("Maker Root")]);
        assert_eq!(adds(&desk, &mut of_model(OTHER), &[]).await, Ok(()));
    });
}

#[test]
fn without_roots_the_list_is_held_against_what_a_key_says_of_itself() {
    on_both(|at| async move {
        let desk = believing(&at, &[]);
        assert_eq!(
            adds(&desk, &mut of_model(OTHER), &listed()).await,
            Err(Reason::PasskeyModelForbidden)
        );
        // A key that lies is let in: the policy page and the guide say so.
        assert_eq!(adds(&desk, &mut of_model(MODEL), &listed()).await, Ok(()));
    });
}
