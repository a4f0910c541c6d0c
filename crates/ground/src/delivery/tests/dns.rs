//! A name server by script: real packets over UDP, answers out of a table that tests write.
use hickory_resolver::proto::{
    op::{Message, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, MX},
    },
};
use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};
use tokio::net::UdpSocket;

#[derive(Default)]
struct Zone {
    records: HashMap<(String, RecordType), Vec<RData>>,
    names: Vec<String>,
    is_broken: bool,
    asked: Vec<String>,
}

/// A running name server.
#[derive(Clone)]
pub struct Dns {
    pub at: SocketAddr,
    zone: Arc<Mutex<Zone>>,
}

impl Dns {
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let dns = Self {
            at: socket.local_addr().unwrap(),
            zone: Arc::default(),
        };
        let serving = dns.clone();
        tokio::spawn(async move {
            let mut bytes = [0; 4_096];
            while let Ok((count, from)) = socket.recv_from(&mut bytes).await {
                if let Some(answer) = serving.answer(&bytes[..count]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        dns
    }
    /// This domain's mail goes there; an empty name is the null MX.
    pub fn mx(&self, domain: &str, preference: u16, exchange: &str) {
        let exchange = Name::from_ascii(format!("{exchange}.")).unwrap();
        self.add(domain, RecordType::MX, RData::MX(MX::new(preference, exchange)));
    }
    pub fn a(&self, name: &str, address: &str) {
        let address: Ipv4Addr = address.parse().unwrap();
        self.add(name, RecordType::A, RData::A(A(address)));
    }
    /// The name is there, with nothing that anybody asks for.
    pub fn name(&self, name: &str) {
        self.zone.lock().unwrap().names.push(name.into());
    }
    /// From now on every answer is SERVFAIL; or no more.
    pub fn breaks(&self, is_broken: bool) {
        self.zone.lock().unwrap().is_broken = is_broken;
    }
    pub fn asked(&self) -> Vec<String> {
        self.zone.lock().unwrap().asked.clone()
    }

    fn add(&self, name: &str, kind: RecordType, data: RData) {
        self.name(name);
        let mut zone = self.zone.lock().unwrap();
        zone.records.entry((name.into(), kind)).or_default().push(data);
    }
    fn answer(&self, question: &[u8]) -> Option<Vec<u8>> {
        let asked = Message::from_vec(question).ok()?;
        let query = asked.queries.first()?.clone();
        let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
        let mut zone = self.zone.lock().unwrap();
        zone.asked.push(format!("{name} {}", query.query_type()));
        let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
        answer.metadata.recursion_available = true;
        answer.add_query(query.clone());
        let found = zone.records.get(&(name.clone(), query.query_type()));
        for data in found.into_iter().flatten() {
            answer.add_answer(Record::from_rdata(query.name().clone(), 0, data.clone()));
        }
        if zone.is_broken {
            answer.metadata.response_code = ResponseCode::ServFail;
        } else if !zone.names.contains(&name) {
            answer.metadata.response_code = ResponseCode::NXDomain;
        }
        answer.to_vec().ok()
    }
}
