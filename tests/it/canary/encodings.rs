//! A secret in the eight encodings that it could hide in.

use ::base64::{Engine, engine::general_purpose as base64};
use memchr::memmem;

/// The encodings in which `secret` is somewhere in `content`.
pub(crate) fn hits(content: &[u8], secret: &str) -> Vec<&'static str> {
    let all = encodings(secret);
    let found = all.iter().filter(|(_, needles)| {
        needles
            .iter()
            .any(|needle| !needle.is_empty() && memmem::find(content, needle).is_some())
    });
    found.map(|(name, _)| *name).collect()
}

fn encodings(secret: &str) -> [(&'static str, Vec<Vec<u8>>); 8] {
    let bytes = secret.as_bytes();
    let hex = |upper: bool| {
        let digits = bytes.iter().map(|byte| {
            if upper {
                format!("{byte:02X}")
            } else {
                format!("{byte:02x}")
            }
        });
        digits.collect::<String>().into_bytes()
    };
    let utf16 = |swap: bool| {
        let units = secret.encode_utf16();
        units
            .flat_map(|unit| {
                if swap {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect::<Vec<u8>>()
    };
    let url: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let json = serde_json::to_string(secret)
        .expect("a string")
        .trim_matches('"')
        .to_owned();
    [
        ("plain", vec![bytes.to_vec()]),
        ("base64", within(bytes, &base64::STANDARD_NO_PAD)),
        ("base64url", within(bytes, &base64::URL_SAFE_NO_PAD)),
        ("hex", vec![hex(false), hex(true)]),
        ("URL", vec![url.into_bytes()]),
        (
            "JSON-escaped",
            vec![json.replace('/', "\\/").into_bytes(), json.into_bytes()],
        ),
        ("UTF-16", vec![utf16(false), utf16(true)]),
        (
            "reversed",
            vec![secret.chars().rev().collect::<String>().into_bytes()],
        ),
    ]
}

/// What of the secret shows in base64, whatever stands before and after it.
fn within(secret: &[u8], engine: &impl Engine) -> Vec<Vec<u8>> {
    (0..3)
        .map(|offset| {
            let text = engine.encode([vec![0; offset], secret.to_vec()].concat());
            // The letters that the neighbours have a share in are left out.
            let first = (offset * 8).div_ceil(6);
            let last = (offset + secret.len()) * 8 / 6;
            text.as_bytes()[first..last].to_vec()
        })
        .collect()
}

#[test]
fn each_encoding_is_found_and_nothing_else_is() {
    let secret = "sbp_Kanariefågel/7";
    let found = |content: &[u8]| hits(content, secret);
    assert_eq!(found(b"token=sbp_Kanariefagel/7"), [""; 0]);
    assert_eq!(
        found(format!("token={secret};").as_bytes()).first(),
        Some(&"plain")
    );
    for prefix in ["", "a", "ab", "abc"] {
        let hidden = base64::STANDARD.encode(format!("{prefix}{secret}xyz"));
        assert!(found(hidden.as_bytes()).contains(&"base64"), "{hidden}");
        let hidden = base64::URL_SAFE.encode(format!("{prefix}{secret}xyz"));
        assert!(found(hidden.as_bytes()).contains(&"base64url"), "{hidden}");
    }
    let others = ["hex", "URL", "JSON-escaped", "UTF-16", "reversed"];
    for (name, needles) in encodings(secret)
        .iter()
        .filter(|(name, _)| others.contains(name))
    {
        assert!(
            found(&[b"  ", &*needles[0], b"  "].concat()).contains(name),
            "{name}"
        );
    }
}
