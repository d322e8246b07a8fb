//! How an answer is spoiled: by a seed, the same each time.

use bytes::Bytes;
use fabrik_clouds::transport::BODY_CAP;
use fabrik_tests::{
    in_full,
    spoiled::{self as common, Dice, places, with},
};
use http::Response;
use serde_json::{Value, json};

/// Below the most that is read of an answer, as the transport would hand it on.
const HUGE: usize = BODY_CAP - 4096;

/// The ways, by turns.
const WAYS: [(&str, Way); 20] = [
    ("endless", endless),
    ("huge text", huge_text),
    ("huge list", huge_list),
    ("tiny things without number", tiny_things),
    ("truncated", truncated),
    ("another type", another_type),
    ("spoiled text", as_text),
    ("a field gone", field_gone),
    ("another status", another_status),
    ("another type", another_type),
    ("hostile headers", hostile_headers),
    ("spoiled text", as_text),
    ("a field twice", field_twice),
    ("another type", another_type),
    ("deep", deep),
    ("spoiled text", as_text),
    ("deep within", deep_within),
    ("a page for people", page_for_people),
    ("nothing", nothing),
    ("another type", another_type),
];

/// The first of them fill what is read of an answer. Each takes as long as all others together, so it is made for the
/// first seeds alone.
const LARGE: usize = 4;

/// Which way a seed goes.
fn way(seed: u64, large: u64) -> (&'static str, Way) {
    let way = Dice::of(seed).below(WAYS.len() - LARGE) + LARGE;
    let first = usize::try_from(seed).unwrap_or(usize::MAX);
    WAYS[if seed < large { first % LARGE } else { way }]
}

type Way = fn(&Value, &mut Dice, usize) -> Answer;

/// How many of the first seeds are large: as answers, and as refusals.
fn large() -> u64 {
    2 * LARGE as u64 * if in_full() { 5 } else { 1 }
}

/// What a seed does, for messages.
pub(super) fn name(seed: u64) -> &'static str {
    way(seed, large()).0
}

/// Of a good answer, by a seed; `number` is that of the request within its call.
pub(super) fn answer(good: &Value, seed: u64, number: usize) -> Response<Bytes> {
    let (_, spoil) = way(seed, large());
    let mut dice = Dice::of(!seed);
    let Answer {
        mut status,
        headers,
        body,
    } = spoil(good, &mut dice, number);
    if seed < large() && (seed / LARGE as u64) % 2 == 1 {
        status = dice.one_of(&[400, 403, 422, 500]);
    }
    let mut response = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(body).unwrap()
}

pub(super) struct Answer {
    status: u16,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Bytes,
}

impl From<Vec<u8>> for Answer {
    fn from(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
        }
    }
}

impl From<Value> for Answer {
    fn from(body: Value) -> Self {
        body.to_string().into_bytes().into()
    }
}

/// Stands for what is too long to go through a value.
const MARK: &str = "\u{1}mark\u{1}";

/// The text with something raw in one place.
fn with_raw(good: &Value, place: &str, raw: &str) -> Answer {
    let text = with(good, place, MARK.into()).to_string();
    let mark = Value::from(MARK).to_string();
    text.replacen(&mark, raw, 1).into_bytes().into()
}

/// As many times the same as there is room for.
fn many(one: &str) -> String {
    let mut list = String::with_capacity(HUGE);
    list.push('[');
    while list.len() + one.len() + 2 < HUGE {
        list.push_str(one);
        list.push(',');
    }
    list.pop();
    list.push(']');
    list
}

/// The first list in it, and its first element.
fn list_of(good: &Value) -> (String, Value) {
    let list = places(good).into_iter().find_map(|place| {
        let items = good.pointer(&place)?.as_array()?;
        Some((place, items.first().cloned().unwrap_or_else(|| json!({}))))
    });
    list.unwrap_or_else(|| (String::new(), good.clone()))
}

fn truncated(good: &Value, dice: &mut Dice, _: usize) -> Answer {
    let mut text = good.to_string().into_bytes();
    let length = dice.below(text.len());
    text.truncate(length);
    text.into()
}

fn another_type(good: &Value, dice: &mut Dice, _: usize) -> Answer {
    common::another_type(good, dice).into()
}

fn field_gone(good: &Value, dice: &mut Dice, _: usize) -> Answer {
    common::field_gone(good, dice).into()
}

/// Any of what may happen to a text.
fn as_text(good: &Value, dice: &mut Dice, _: usize) -> Answer {
    common::text(good.to_string().as_bytes(), dice).into()
}

fn field_twice(good: &Value, _: &mut Dice, _: usize) -> Answer {
    let text = good.to_string();
    let body = text.strip_prefix('{').map(|rest| {
        let fields = rest.strip_suffix('}').unwrap_or_default();
        format!("{{{fields},{fields}}}")
    });
    body.unwrap_or(text).into_bytes().into()
}

fn another_status(good: &Value, dice: &mut Dice, number: usize) -> Answer {
    let statuses = [
        100, 101, 201, 202, 204, 206, 300, 301, 304, 307, 400, 401, 402, 403, 404, 405, 409, 410,
        413, 418, 422, 423, 429, 451, 500, 501, 502, 503, 504, 511, 599, 600, 999,
    ];
    let status = statuses[dice.below(statuses.len())];
    let answer = match dice.below(3) {
        0 => good.clone().into(),
        1 => another_type(
            &json!({ "error": { "code": "x", "message": "y" } }),
            dice,
            number,
        ),
        _ => another_type(
            &json!({ "message": "x", "errors": [{ "code": "y" }] }),
            dice,
            number,
        ),
    };
    Answer { status, ..answer }
}

fn hostile_headers(good: &Value, dice: &mut Dice, number: usize) -> Answer {
    let values: [&[u8]; 12] = [
        b"",
        b"-1",
        b"0",
        b"99999999999999999999999999",
        b"9223372036854775807",
        b"1e400",
        b"NaN",
        b"Thu, 99 Zzz 9999 99:99:99 GMT",
        b"\xff\xfe",
        b"<https://[::1>; rel=\"next\", <>; rel=next",
        b"javascript:alert(1)",
        b"http://169.254.169.254/latest",
    ];
    let names = [
        "retry-after",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "date",
        "link",
        "location",
        "x-oauth-scopes",
        "x-github-request-id",
        "x-request-id",
        "content-length",
        "content-encoding",
        "github-authentication-token-expiration",
    ];
    let mut answer = another_status(good, dice, number);
    for name in names {
        let value = values[dice.below(values.len())].to_vec();
        answer.headers.push((name, value));
    }
    answer
}

fn deep(_: &Value, dice: &mut Dice, _: usize) -> Answer {
    let open = dice.one_of(&["[", "{\"a\":", "[{\"a\":"]);
    open.repeat(100_000).into_bytes().into()
}

fn deep_within(good: &Value, dice: &mut Dice, _: usize) -> Answer {
    let place = dice.one_of(&places(good));
    let levels = [100, 127, 128, 5_000][dice.below(4)];
    let raw = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    with_raw(good, &place, &raw)
}

fn page_for_people(_: &Value, dice: &mut Dice, _: usize) -> Answer {
    let page = "<!doctype html><title>Just a moment…</title><script>alert(1)</script>";
    let mut answer = Answer::from(page.as_bytes().to_vec());
    answer.status = [200, 403, 502, 503][dice.below(4)];
    answer
}

fn nothing(_: &Value, dice: &mut Dice, _: usize) -> Answer {
    let nothing: &[&[u8]] = &[b"", b" ", b"null", b"\xef\xbb\xbf", b"\0"];
    nothing[dice.below(nothing.len())].to_vec().into()
}

fn huge_text(good: &Value, dice: &mut Dice, _: usize) -> Answer {
    let texts: Vec<_> = places(good)
        .into_iter()
        .filter(|place| good.pointer(place).is_some_and(Value::is_string))
        .collect();
    let place = texts
        .get(dice.below(texts.len()))
        .cloned()
        .unwrap_or_default();
    let room = HUGE.saturating_sub(good.to_string().len());
    with_raw(good, &place, &format!("\"{}\"", "x".repeat(room)))
}

fn huge_list(good: &Value, _: &mut Dice, _: usize) -> Answer {
    let (place, one) = list_of(good);
    with_raw(good, &place, &many(&one.to_string()))
}

/// Words without end, for whoever shows a refusal's.
fn words() -> Answer {
    "x ".repeat(HUGE / 2).into_bytes().into()
}

/// As little as each may hold, as often as can be.
fn tiny_things(good: &Value, dice: &mut Dice, _: usize) -> Answer {
    let (place, one) = list_of(good);
    let mut least = one;
    for place in places(&least).into_iter().rev() {
        match least.pointer_mut(&place) {
            Some(Value::String(text)) => text.clear(),
            Some(Value::Array(items)) => items.clear(),
            _ => {}
        }
    }
    let things = [
        least.to_string(),
        "0".to_owned(),
        "[]".to_owned(),
        "{\"\":0}".to_owned(),
    ];
    match dice.below(3) {
        0 => words(),
        1 => many(&dice.one_of(&things)).into_bytes().into(),
        _ => with_raw(good, &place, &many(&things[0])),
    }
}

/// Each page says that there is another, and what is in it is new.
fn endless(good: &Value, _: &mut Dice, number: usize) -> Answer {
    let (place, one) = list_of(good);
    let mut page = good.clone();
    if let Value::Object(fields) = &mut page {
        for value in fields.values_mut() {
            match value {
                Value::Bool(more) => *more = true,
                Value::Number(_) => *value = json!(1e15),
                Value::String(text) => *text = format!("{text}{number}"),
                Value::Null => *value = json!(format!("next-{number}")),
                Value::Object(inner) => {
                    for value in inner.values_mut().filter(|value| value.is_number()) {
                        *value = json!(1e15);
                    }
                }
                Value::Array(_) => {}
            }
        }
    }
    let items = (0..100).map(|index| {
        let mut item = one.clone();
        if let Some(id) = item.get_mut("id") {
            *id = json!(format!("{number}-{index}"));
        }
        if let Value::Object(fields) = &mut item {
            fields.insert("padding".to_owned(), "x".repeat(200).into());
            for value in fields.values_mut() {
                if let Value::String(text) = value {
                    text.push_str(&"y".repeat(2000));
                }
            }
        }
        item
    });
    let items = Value::Array(items.collect()).to_string();
    with_raw(&page, &place, &items)
}
