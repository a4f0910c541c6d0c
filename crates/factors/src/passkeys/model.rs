//! Which product an authenticator says it is (AAGUID), and the name that a new passkey gets by it. Pure.
//! A name is a help for the eye. Must never happen: anything decided by it; the claim proves nothing unless an attestation is verified.
use kernel::AuthenticatorKind;
use uuid::Uuid;

/// Products that say who they are, as they publish it.
const MODELS: &[(u128, &str)] = &[
    (0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd, "iCloud Keychain"),
    (0xea9b_8d66_4d01_1d21_3ce4_b6b4_8cb5_75d4, "Google Password Manager"),
    (0xadce_0002_35bc_c60a_648b_0b25_f1f0_5503, "Chrome on macOS"),
    (0x0898_7058_cadc_4b81_b6e1_30de_50dc_be96, "Windows Hello"),
    (0x9ddd_1817_af5a_4672_a2b9_3e3d_d950_00a9, "Windows Hello"),
    (0x6028_b017_b1d4_4c02_b4b3_afcd_afc9_6bb2, "Windows Hello"),
    (0xbada_5566_a7aa_401f_bd96_4561_9a55_120d, "1Password"),
    (0xd548_826e_79b4_db40_a3d8_1111_6f7e_8349, "Bitwarden"),
    (0x5311_26d6_e717_415c_9320_3d9a_a698_1239, "Dashlane"),
    (0x0ea2_42b4_43c4_4a1b_8b17_dd6d_0b6b_aec6, "Keeper"),
    (0xfdb1_41b2_5d84_443e_8a35_4698_c205_a502, "KeePassXC"),
    (0xb84e_4048_15dc_4dd0_8640_f4f6_0813_c8af, "NordPass"),
    (0xf380_9540_7f14_49c1_a8b3_8f81_3b22_5541, "Enpass"),
    (0x5072_6f74_6f6e_5061_7373_5072_6f74_6f6e, "Proton Pass"),
    (0x5341_4d53_554e_4700_0000_0000_0000_0000, "Samsung Pass"),
    (0xcb69_481e_8ff7_4039_93ec_0a27_29a1_54a8, "YubiKey 5"),
    (0xee88_2879_721c_4913_9775_3dfc_ce97_072a, "YubiKey 5"),
    (0xfa2b_99dc_9e39_4257_8f92_4a30_d23c_4118, "YubiKey 5 NFC"),
    (0x2fc0_579f_8113_47ea_b116_bb5a_8db9_202a, "YubiKey 5 NFC"),
    (0xc5ef_55ff_ad9a_4b9f_b580_adeb_afe0_26d0, "YubiKey 5Ci"),
    (0x73bb_0cd4_e502_49b8_9c6f_b594_45bf_720b, "YubiKey 5 FIPS"),
];

/// The longest name, in characters.
const LONGEST: usize = 60;

/// The product of this AAGUID, where it is known.
pub fn product(model: Uuid) -> Option<&'static str> {
    MODELS
        .iter()
        .find(|(id, _)| *id == model.as_u128())
        .map(|(_, name)| *name)
}

/// The name of a new passkey: the person's own word, else its product, else the browser that it was added in; told apart from those there are.
pub fn name(typed: Option<String>, model: Uuid, browser: &str, taken: &[String]) -> String {
    let first = typed.unwrap_or_else(|| match product(model) {
        Some(product) => product.to_owned(),
        None if browser.is_empty() => AuthenticatorKind::Passkey.words().to_owned(),
        None => browser.chars().take(LONGEST).collect(),
    });
    if !taken.contains(&first) {
        return first;
    }
    (2..1_000)
        .map(|n| format!("{first} ({n})"))
        .find(|name| !taken.contains(name))
        .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_persons_word_else_the_product_else_the_browser_and_stands_once() {
        let icloud = Uuid::from_u128(0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd);
        let unknown = Uuid::nil();
        let firefox = "Firefox on Linux";
        let none: &[String] = &[];
        assert_eq!(name(None, icloud, firefox, none), "iCloud Keychain");
        assert_eq!(name(Some("my key".into()), icloud, firefox, none), "my key");
        assert_eq!(name(None, unknown, firefox, none), firefox);
        assert_eq!(name(None, unknown, "", none), "Passkey");
        assert_eq!(name(None, unknown, &"x".repeat(300), none).len(), LONGEST);
        let taken = ["iCloud Keychain".to_owned(), "iCloud Keychain (2)".to_owned()];
        assert_eq!(name(None, icloud, firefox, &taken), "iCloud Keychain (3)");
    }
}
