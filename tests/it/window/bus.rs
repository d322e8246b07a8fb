//! What a desktop has on the session's bus, and a session of the tests has not: a tray, and somebody who shows
//! notifications.

#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    clippy::used_underscore_binding,
    reason = "what is called over the bus has the arguments that its specification says"
)]

use std::{collections::HashMap, time::Duration};

use serde::Serialize;
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use zbus::{
    Connection, Message,
    connection::Builder,
    interface,
    zvariant::{DynamicType, OwnedValue, Value},
};

/// How long the app may take to say something. A hidden page's timers are slowed down.
const PATIENCE: Duration = Duration::from_secs(90);

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
/// Where `ksni` has its icon, and its menu.
const ITEM_PATH: &str = "/StatusNotifierItem";
const MENU_PATH: &str = "/MenuBar";
const MENU: &str = "com.canonical.dbusmenu";
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
/// The number of every notification.
const NUMBER: u32 = 7;

/// An entry of a menu: its number, what is known of it, the entries below it.
type Entry = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// The desktop's tray, from when it is begun until it is dropped.
pub(crate) struct Tray {
    connection: Connection,
    icons: watch::Receiver<Vec<String>>,
}

/// What programs tell of their icons.
struct Watcher(watch::Sender<Vec<String>>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        self.0.send_modify(|icons| icons.push(service));
    }

    /// The icons are shown.
    #[zbus(property(emits_changed_signal = "const"))]
    fn is_status_notifier_host_registered(&self) -> bool {
        !self.0.is_closed()
    }
}

impl Tray {
    pub(crate) async fn begin() -> Self {
        let (sender, icons) = watch::channel(Vec::new());
        let builder = Builder::session().unwrap();
        let connection = builder
            .serve_at(WATCHER_PATH, Watcher(sender))
            .unwrap()
            .name(WATCHER)
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { connection, icons }
    }

    /// The icon that the app puts there.
    pub(crate) async fn icon(&self) -> Icon {
        let mut icons = self.icons.clone();
        let there = timeout(PATIENCE, icons.wait_for(|icons| !icons.is_empty())).await;
        let service = there
            .expect("the app puts an icon into the tray")
            .expect("the tray is there")[0]
            .clone();
        Icon {
            connection: self.connection.clone(),
            service,
        }
    }

    /// Ends, as a panel does that crashes or an extension that is switched off. The app's icon can't be seen any more.
    pub(crate) async fn end(&self) {
        self.connection.release_name(WATCHER).await.unwrap();
    }
}

/// The app's icon in the tray.
pub(crate) struct Icon {
    connection: Connection,
    service: String,
}

impl Icon {
    /// What its menu says, from top to bottom.
    pub(crate) async fn menu(&self) -> Vec<String> {
        let entries = self.entries().await;
        entries.into_iter().map(|(_, label)| label).collect()
    }

    /// Chooses what the menu calls so. The app may end before it has answered.
    pub(crate) async fn choose(&self, label: &str) {
        let entries = self.entries().await;
        let (number, _) = entries
            .iter()
            .find(|(_, said)| said == label)
            .unwrap_or_else(|| panic!("{label}: {entries:?}"));
        let event = (*number, "clicked", Value::from(0_i32), 0_u32);
        let _ = self.call("Event", &event).await;
    }

    /// A press on the icon itself.
    pub(crate) async fn press(&self) {
        let service = Some(self.service.as_str());
        self.connection
            .call_method(service, ITEM_PATH, Some(ITEM), "Activate", &(0_i32, 0_i32))
            .await
            .unwrap();
    }

    /// The entries that say something, each with its number.
    async fn entries(&self) -> Vec<(i32, String)> {
        // From the root, all the way down.
        let wanted = (0_i32, -1_i32, vec!["label"]);
        let answer = self.call("GetLayout", &wanted).await.unwrap();
        let body = answer.body();
        let (_, (_, _, entries)): (u32, Entry) = body.deserialize().unwrap();
        let said = entries.into_iter().filter_map(|entry| {
            let (number, mut known, _) = Entry::try_from(entry).unwrap();
            let label = Value::from(known.remove("label")?);
            Some((number, label.downcast::<String>().unwrap()))
        });
        // A line between others has no words.
        said.filter(|(_, label)| !label.is_empty()).collect()
    }

    async fn call<B: Serialize + DynamicType>(
        &self,
        method: &str,
        body: &B,
    ) -> zbus::Result<Message> {
        let service = Some(self.service.as_str());
        self.connection
            .call_method(service, MENU_PATH, Some(MENU), method, body)
            .await
    }
}

/// Somebody who shows notifications, from when it is begun until it is dropped.
pub(crate) struct Notifications {
    connection: Connection,
    shown: mpsc::UnboundedReceiver<Notification>,
}

/// A notification, as the app has it shown.
#[derive(Debug)]
pub(crate) struct Notification {
    pub(crate) app: String,
    pub(crate) title: String,
    pub(crate) text: String,
    /// Each by its id and its words.
    pub(crate) actions: Vec<String>,
}

struct Server(mpsc::UnboundedSender<Notification>);

#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    fn notify(
        &self,
        app: String,
        _replaces: u32,
        _icon: String,
        title: String,
        text: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _milliseconds: i32,
    ) -> u32 {
        let notification = Notification {
            app,
            title,
            text,
            actions,
        };
        // Nobody waits for it any more where the test is over.
        let _ = self.0.send(notification);
        NUMBER
    }
}

impl Notifications {
    pub(crate) async fn begin() -> Self {
        let (sender, shown) = mpsc::unbounded_channel();
        let builder = Builder::session().unwrap();
        let connection = builder
            .serve_at(NOTIFICATIONS_PATH, Server(sender))
            .unwrap()
            .name(NOTIFICATIONS)
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { connection, shown }
    }

    /// The next one that the app has shown.
    pub(crate) async fn next(&mut self) -> Notification {
        let next = timeout(PATIENCE, self.shown.recv()).await;
        next.expect("the app has a notification shown")
            .expect("the server is there")
    }

    /// A click on it. The app hears it once it listens, which is a moment after it was shown.
    pub(crate) async fn click(&self) {
        let nobody = None::<&str>;
        let click = (NUMBER, "default");
        self.connection
            .emit_signal(
                nobody,
                NOTIFICATIONS_PATH,
                NOTIFICATIONS,
                "ActionInvoked",
                &click,
            )
            .await
            .unwrap();
    }
}
