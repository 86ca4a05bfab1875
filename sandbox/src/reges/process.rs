//! The check of substance: a message against what the register knows, and the result it puts in a queue.

use serde_json::{Value, json};

use super::message::Message;
use super::people::{Contract, ContractState, Employee, Proposal, guid};
use super::store::{MessageRecord, Queue, Register};
use crate::cnp::is_cnp;

/// A message that was right: what it made or changed.
#[derive(Default)]
struct Done {
    reference: String,
    second: Option<String>,
    warning: Option<&'static str>,
    more_to_come: bool,
}

/// Processes one message and gives the code of its result.
pub(super) fn process(register: &mut Register, record: &MessageRecord, message: &Message) -> String {
    let own = guid(&format!("angajator {}", record.cui));
    let done = if message.author.as_ref().is_some_and(|author| *author != own) {
        Err("AuthorId nu este al angajatorului cheii.".to_owned())
    } else {
        perform(register, record, message)
    };
    let result = match &done {
        Ok(done) => json!({
            "code": "SUCCES",
            "codeType": if done.warning.is_some() { "WARNING" } else { "SUCCES" },
            "description": done.warning.unwrap_or("Mesaj procesat."),
            "ref": done.reference,
            "secRef": done.second,
            "relatedResultsExpected": done.more_to_come,
        }),
        Err(why) => {
            json!({ "code": "FAIL", "codeType": "ERROR", "description": why, "relatedResultsExpected": false })
        }
    };
    let mut answer = json!({ "header": message.content["header"], "responseId": record.response_id });
    answer["result"] = result;
    register.put(&record.cui, Queue::Results, answer);
    if done.is_ok() { "SUCCES".to_owned() } else { "FAIL".to_owned() }
}

fn perform(register: &mut Register, record: &MessageRecord, message: &Message) -> Result<Done, String> {
    let operation = message.operation.as_str();
    match operation {
        "InregistrareSalariat" => enrol(register, &record.cui, message),
        "ModificareSalariat" | "CorectieSalariat" | "RadiereSalariat" => {
            change_employee(register, &record.cui, message)
        }
        "AdaugareContract" => add_contract(register, &record.cui, message),
        "PropunereDetasareContract" => propose(register, record, message, "Detasare"),
        "PropunereMutareContract" => propose(register, record, message, "Mutare"),
        _ if operation.contains("Propunere") => answer_proposal(register, record, message),
        _ => change_contract(register, &record.cui, message),
    }
}

fn enrol(register: &mut Register, cui: &str, message: &Message) -> Result<Done, String> {
    let cnp = message.text("/info/cnp").to_owned();
    if cnp.len() == 13 && !is_cnp(&cnp) {
        return Err("CNP-ul nu este valid.".to_owned());
    }
    let employer = register.employers.entry(cui.to_owned()).or_default();
    if employer.employees.values().any(|employee| employee.cnp == cnp && !employee.removed) {
        return Err("Salariatul este deja înregistrat la acest angajator.".to_owned());
    }
    let id = register.new_id();
    let employer = register.employers.entry(cui.to_owned()).or_default();
    employer.employees.insert(id.clone(), Employee { cnp, removed: false });
    Ok(Done { reference: id, ..Done::default() })
}

fn change_employee(register: &mut Register, cui: &str, message: &Message) -> Result<Done, String> {
    let id = message.text("/referintaSalariat/id").to_ascii_lowercase();
    let employer = register.employers.entry(cui.to_owned()).or_default();
    let busy = employer.contracts.values().any(|contract| {
        contract.employee == id && matches!(contract.state, ContractState::Active | ContractState::Suspended)
    });
    let employee = employer.employees.get_mut(&id).filter(|employee| !employee.removed);
    let employee = employee.ok_or("Salariatul nu există.")?;
    if message.operation == "RadiereSalariat" {
        if busy {
            return Err("Salariatul are contracte active.".to_owned());
        }
        employee.removed = true;
    }
    Ok(Done { reference: id, ..Done::default() })
}

fn add_contract(register: &mut Register, cui: &str, message: &Message) -> Result<Done, String> {
    let employee = message.text("/continut/referintaSalariat/id").to_ascii_lowercase();
    let (number, date) = (message.text("/continut/numarContract"), message.text("/continut/dataContract"));
    let date = date.get(..10).unwrap_or(date).to_owned();
    let id = register.new_id();
    let employer = register.employers.entry(cui.to_owned()).or_default();
    if employer.employees.get(&employee).is_none_or(|employee| employee.removed) {
        return Err("Salariatul contractului nu există.".to_owned());
    }
    let same = |contract: &Contract| contract.number == number && contract.date == date;
    if employer.contracts.values().any(|contract| same(contract) && contract.state != ContractState::Removed) {
        return Err("Există deja un contract cu acest număr și această dată.".to_owned());
    }
    let others = employer.contracts.values().any(|contract| contract.employee == employee);
    let contract = Contract { number: number.to_owned(), date, employee, state: ContractState::Active };
    employer.contracts.insert(id.clone(), contract);
    let warning = others.then_some("Salariatul are și alt contract la acest angajator.");
    Ok(Done { reference: id, warning, ..Done::default() })
}

fn change_contract(register: &mut Register, cui: &str, message: &Message) -> Result<Done, String> {
    use ContractState::{Active, Ended, Removed, Suspended};
    let id = message.text("/referintaContract/id").to_ascii_lowercase();
    let history = register.new_id();
    let employer = register.employers.entry(cui.to_owned()).or_default();
    let contract = employer.contracts.get_mut(&id).ok_or("Contractul nu există.")?;
    let next = match (message.operation.as_str(), contract.state) {
        (_, Removed) => return Err("Contractul este radiat.".to_owned()),
        ("RadiereContract", _) => Removed,
        ("SuspendareContract", Active) => Suspended,
        ("IncetareSuspendareContract" | "AnulareSuspendareContract", Suspended) => Active,
        ("IncetareContract", Active | Suspended) => Ended,
        ("AnulareIncetareContract" | "ReactivareContract", Ended) => Active,
        ("AnulareReactivareContract", Active) => Ended,
        ("ModificareContract", Active) | ("CorectieContract" | "CorectieReactivareContract", Active | Suspended) => {
            contract.state
        }
        ("CorectieSuspendareContract" | "ModificareSuspendareContract", Suspended) => Suspended,
        ("CorectieIncetareContract", Ended) => Ended,
        (operation, state) => return Err(format!("{operation} nu este posibilă în starea {}.", in_words(state))),
    };
    contract.state = next;
    Ok(Done { reference: history, ..Done::default() })
}

fn in_words(state: ContractState) -> &'static str {
    match state {
        ContractState::Active => "activ",
        ContractState::Suspended => "suspendat",
        ContractState::Ended => "încetat",
        ContractState::Removed => "radiat",
    }
}

fn propose(
    register: &mut Register,
    record: &MessageRecord,
    message: &Message,
    kind: &'static str,
) -> Result<Done, String> {
    let contract = message.text("/referintaContract/id").to_ascii_lowercase();
    let to = message.text("/cuiAngajatorDestinatie").to_owned();
    let own = register.employers.get(&record.cui).and_then(|employer| employer.contracts.get(&contract));
    if own.is_none_or(|contract| contract.state != ContractState::Active) {
        return Err("Contractul propus nu există sau nu este activ.".to_owned());
    }
    let id = register.new_id();
    let proposal = Proposal {
        kind,
        from: record.cui.clone(),
        to: to.clone(),
        contract,
        open: true,
        message: record.message_id.clone(),
        response: record.response_id.clone(),
    };
    register.proposals.insert(id.clone(), proposal);
    let mut offered = message.content.clone();
    offered["referinta"] = json!({ "id": id });
    offered["cuiAngajatorSursa"] = json!(record.cui);
    register.put(&to, if kind == "Mutare" { Queue::Moves } else { Queue::Secondments }, offered);
    Ok(Done { reference: id, more_to_come: true, ..Done::default() })
}

fn answer_proposal(register: &mut Register, record: &MessageRecord, message: &Message) -> Result<Done, String> {
    let id = message.text("/referinta/id").to_ascii_lowercase();
    let proposal = register.proposals.get(&id).filter(|proposal| message.operation.contains(proposal.kind));
    let proposal = proposal.cloned().ok_or("Propunerea nu există.")?;
    let withdraws = message.operation.starts_with("Radiere");
    let party = if withdraws { &proposal.from } else { &proposal.to };
    if *party != record.cui {
        return Err("Propunerea nu este a acestui angajator.".to_owned());
    }
    if !proposal.open {
        return Err("La propunere s-a răspuns deja.".to_owned());
    }
    let mut done = Done { reference: id.clone(), ..Done::default() };
    if message.operation.starts_with("Acceptare") {
        done = consent(register, &proposal)?;
    }
    if let Some(kept) = register.proposals.get_mut(&id) {
        kept.open = false;
    }
    if !withdraws {
        let accepted = message.operation.starts_with("Acceptare");
        let description = if accepted { "Propunerea a fost acceptată." } else { "Propunerea a fost respinsă." };
        let second: Value = json!({
            "header": { "messageId": proposal.message, "operation": message.operation },
            "responseId": proposal.response,
            "result": {
                "code": "SUCCES", "codeType": if accepted { "SUCCES" } else { "WARNING" },
                "description": description, "ref": id, "relatedResultsExpected": false,
            },
        });
        register.put(&proposal.from, Queue::Results, second);
    }
    Ok(done)
}

/// The other employer consents: the contract exists at both for a secondment, and only there after a move.
fn consent(register: &mut Register, proposal: &Proposal) -> Result<Done, String> {
    let (contract_id, employee_id) = (register.new_id(), register.new_id());
    let source = register.employers.entry(proposal.from.clone()).or_default();
    let contract = source.contracts.get_mut(&proposal.contract).ok_or("Contractul propus nu mai există.")?;
    contract.state = if proposal.kind == "Mutare" { ContractState::Ended } else { ContractState::Suspended };
    let copied = Contract { state: ContractState::Active, employee: String::new(), ..contract.clone() };
    let cnp = source.employees.get(&contract.employee).map(|employee| employee.cnp.clone()).unwrap_or_default();
    let target = register.employers.entry(proposal.to.clone()).or_default();
    let known = target.employees.iter().find(|(_, employee)| employee.cnp == cnp && !employee.removed);
    let employee = known.map_or(employee_id, |(id, _)| id.clone());
    target.employees.entry(employee.clone()).or_insert(Employee { cnp, removed: false });
    target.contracts.insert(contract_id.clone(), Contract { employee: employee.clone(), ..copied });
    Ok(Done { reference: contract_id, second: Some(employee), ..Done::default() })
}
