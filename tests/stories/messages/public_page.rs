//! A clerk with a printed receipt types its code and hash into the public page.

use hub_flow::evidence::code;
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::{Database, TestHub};

async fn page(hub: &TestHub, query: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{}/verify{query}", hub.running().url())).await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_page_answers_only_to_code_and_hash_and_names_nobody() {
    for database in Database::all() {
        let hub = TestHub::start(database).await;
        let mut document = letter(&[HUB_TOWN], "o scrisoare");
        document["envelope"]["subject"] = "Subiect <b>secret</b>".into();
        let (_, receipt) = hub.client(SENDER).post("/v1/messages", "k", &document).await;
        let evidence = &receipt["evidence"];
        let code = code::of(evidence["id"].as_str().unwrap().parse().unwrap());
        let hash = evidence["sha256"].as_str().unwrap();

        let (status, html) = page(&hub, "").await;
        assert!(status == 200 && html.contains("<form"), "{html}");
        let short = hash[..16].to_uppercase();
        for known in [format!("?c={code}&h={hash}"), format!("?c={}&h={short}", code.to_lowercase())] {
            let (status, html) = page(&hub, &known).await;
            assert_eq!(status, 200, "{html}");
            assert!(html.contains("Documentul a fost preluat pentru livrare") && html.contains(hash), "{html}");
            for hidden in ["Subiect", "secret", "Șișești", SENDER, HUB_TOWN, receipt["message_id"].as_str().unwrap()]
            {
                assert!(!html.contains(hidden), "the page tells {hidden}: {html}");
            }
        }
        let (unknown_status, unknown) = page(&hub, "?c=00000-00000-00000-00000-00000-0&h=0000000000000000").await;
        let wrong = format!("?c={code}&h={}", "0".repeat(16));
        let (wrong_status, told) = page(&hub, &wrong).await;
        assert_eq!((unknown_status, wrong_status), (404, 404));
        let without_input = |html: &str| html.split("<form").next().unwrap().to_owned();
        assert_eq!(without_input(&unknown), without_input(&told), "a wrong hash tells nothing of the code");
        for short in [format!("?c={code}&h={}", &hash[..15]), format!("?c={code}&h="), format!("?c=&h={hash}")] {
            assert_eq!(page(&hub, &short).await.0, 404, "{short}");
        }
        let (status, html) = page(&hub, "?c=%3Cscript%3Ealert(1)%3C/script%3E&h=1").await;
        assert!(status == 404 && !html.contains("<script"), "{html}");
        hub.client(SENDER)
            .wait_for(receipt["message_id"].as_str().unwrap(), |seen| seen["deliveries"][0]["state"] == "consigned")
            .await;
        hub.stop().await;
    }
}
