//! Chat, mail and messages.

use crate::mask::tokens::shapes::{sign, whole};
use crate::mask::tokens::vocabulary::*;

pub(crate) const TOKENS: &[Token] = &[
    token("slack-token", "Slack", "bot, user, app, configuration, legacy or session token")
        .rotate("https://api.slack.com/apps")
        .placeholder("xox-***MASKED***")
        .patterns(&[begins(
            &[
                "xoxb-",
                "xoxp-",
                "xoxa-",
                "xoxr-",
                "xoxs-",
                "xoxo-",
                "xoxe-",
                "xoxc-",
                "xoxd-",
                "xoxe.xoxp-",
                "xoxe.xoxb-",
            ],
            &[Part::Run(ByteClass::of("A-Za-z0-9%/+._=-"), 11, MANY)],
            DIGIT,
        )])
        .hits(&[
            "⟦xoxb-{digits:12}-{digits:12}-{alnum:24}⟧",
            "⟦xoxp-{digits:12}-{digits:12}-{digits:12}-{hex:32}⟧",
            "⟦xoxa-2-{digits:12}-{digits:12}-{digits:12}-{hex:32}⟧",
            "⟦xoxr-{digits:12}-{alnum:24}⟧",
            "⟦xoxs-{digits:12}-{digits:12}-{digits:12}-{hex:10}⟧",
            "⟦xoxo-{digits:12}-{alnum:24}⟧",
            "⟦xoxe-1-{alnum:147}⟧",
            "⟦xoxe.xoxp-1-{alnum:160}⟧",
            "⟦xoxe.xoxb-1-{alnum:160}⟧",
            "⟦xoxc-{digits:12}-{digits:12}-{digits:12}-{hex:64}⟧",
            "⟦xoxd-{alnum:6}%2B{alnum:8}%2F{alnum:40}%3D%3D⟧",
        ])
        .misses(&["xoxb-your-token-here", "xoxb-{digits:5}", "foxoxb-{digits:12}-{alnum:24}"]),
    token("slack-app", "Slack", "app-level token")
        .rotate("https://api.slack.com/apps")
        .patterns(&[begins(
            &["xapp-"],
            &[
                exactly(DIGITS, 1),
                text("-"),
                Part::Run(UPPER, 8, 20),
                text("-"),
                Part::Run(DIGITS, 8, 20),
                text("-"),
                alnum(16),
            ],
            SURE,
        )])
        .hits(&["⟦xapp-1-A{upper:10}-{digits:13}-{hex:64}⟧"])
        .misses(&["xapp-1-A{upper:10}"]),
    token("slack-hook", "Slack", "incoming webhook, workflow or trigger")
        .shape(Shape::Run(Glance::AfterId, sign::slack_hook))
        .hits(&[
            "https://hooks.slack.com/services/⟦T{upper:10}/B{upper:10}/{alnum:24}⟧",
            "https://hooks.slack.com/workflows/⟦T{upper:10}/A{upper:10}/{digits:18}/{alnum:24}⟧",
            "https://hooks.slack.com/triggers/⟦T{upper:10}/{digits:13}/{hex:32}⟧",
            "https://hooks.slack-gov.com/services/⟦T{upper:10}/B{upper:10}/{alnum:24}⟧",
        ])
        .misses(&[
            "https://slack.com/services/T{upper:10}/B{upper:10}/{alnum:24}",
            "https://hooks.slack.com/services/T000/B000/X",
        ]),
    token("discord-bot", "Discord", "bot token")
        .rotate("https://discord.com/developers/applications")
        .shape(Shape::Run(Glance::AfterStop, sign::discord_bot))
        .hits(&["⟦MTE{alnum:23}.G{alnum:5}.{base64url:38}⟧", "⟦OTk{alnum:21}.X{alnum:5}.{base64url:27}⟧"])
        .misses(&["object{alnum:20}.G{alnum:5}.{alnum:38}", "MTE{alnum:23}.{alnum:6}.{alnum:12}"]),
    token("discord-hook", "Discord", "webhook")
        .patterns(&[begins(
            &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"],
            &[Part::Run(DIGITS, 17, 20), text("/"), word(60)],
            SURE,
        )
        .keeps_literal()])
        .hits(&[
            "https://discord.com/api/webhooks/⟦{digits:18}/{base64url:68}⟧",
            "https://discordapp.com/api/webhooks/⟦{digits:18}/{base64url:68}⟧",
        ])
        .misses(&["https://discord.com/api/webhooks/{digits:18}/{alnum:12}"]),
    token("telegram", "Telegram", "bot token")
        .shape(Shape::Run(Glance::AfterColon, sign::telegram))
        .hits(&[
            "⟦{digits:10}:AA{alnum:33}⟧",
            "https://api.telegram.org/bot⟦{digits:9}:AA{base64url:33}⟧/getMe",
        ])
        .misses(&["{digits:5}:AA{alnum:33}", "{digits:10}:AB{alnum:12}"]),
    token("ms-teams-hook", "Microsoft", "Teams webhook")
        .patterns(&[begins(
            &["webhook.office.com/webhookb2/", "outlook.office.com/webhook/"],
            &[Part::Run(ByteClass::of("A-Za-z0-9@/-"), 60, MANY)],
            DIGIT,
        )
        .keeps_literal()])
        .hits(&[
            "https://x.webhook.office.com/webhookb2/⟦{uuid}@{uuid}/IncomingWebhook/{hex:32}/{uuid}⟧",
            "https://outlook.office.com/webhook/⟦{uuid}@{uuid}/IncomingWebhook/{hex:32}/{uuid}⟧",
        ])
        .misses(&["https://outlook.office.com/webhook/{hex:16}"]),
    token("sendgrid", "SendGrid", "API key")
        .rotate("https://app.sendgrid.com/settings/api_keys")
        .patterns(&[begins(&["SG."], &[Part::Run(WORD, 16, 32), text("."), word(32)], SURE)])
        .hits(&["⟦SG.{alnum:22}.{alnum:43}⟧"])
        .misses(&["SG.{alnum:22}", "MSG.{alnum:22}.{alnum:43}"]),
    token("mailgun", "Mailgun", "API key")
        .rotate("https://app.mailgun.com/settings/api_security")
        .patterns(&[begins(&["key-", "pubkey-"], &[exactly(HEX, 32)], DIGIT + ENDS)])
        .hits(&["⟦key-{hex:32}⟧", "⟦pubkey-{hex:32}⟧"])
        .misses(&["key-{hex:40}", "monkey-{hex:32}", "cache-key-{hex:32}"]),
    token("mailchimp", "Mailchimp", "API key")
        .rotate("https://admin.mailchimp.com/account/api/")
        .shape(Shape::Run(Glance::EndsInRegion, whole::mailchimp))
        .hits(&["⟦{hex:32}-us12⟧", "⟦{hex:32}-us6⟧"])
        .misses(&["{hex:32}-uk12", "{hex:40}-us12", "a-{hex:32}-us12"]),
    token("mailersend-resend", "MailerSend, Resend", "API key")
        .rotate("https://resend.com/api-keys")
        .patterns(&[
            begins(&["re_"], &[exactly(ALNUM, 8), text("_"), alnum(20)], MIXED),
            begins(&["mlsn."], &[alnum(40)], DIGIT),
        ])
        .hits(&["⟦re_{alnum:8}_{alnum:24}⟧", "⟦mlsn.{hex:64}⟧"])
        .misses(&["re_compiled_patternsofthewholeprogram", "xre_{alnum:8}_{alnum:24}"]),
    token("sendinblue", "Brevo", "API or SMTP key")
        .rotate("https://app.brevo.com/settings/keys/api")
        .patterns(&[begins(&["xkeysib-", "xsmtpsib-"], &[exactly(HEX, 64), text("-"), alnum(16)], SURE)])
        .hits(&["⟦xkeysib-{hex:64}-{alnum:16}⟧", "⟦xsmtpsib-{hex:64}-{alnum:16}⟧"])
        .misses(&["xkeysib-{hex:20}"]),
    token("twilio", "Twilio", "API key sid")
        .rotate("https://console.twilio.com")
        .patterns(&[begins(
            &[
                "SK0", "SK1", "SK2", "SK3", "SK4", "SK5", "SK6", "SK7", "SK8", "SK9", "SKa", "SKb", "SKc",
                "SKd", "SKe", "SKf",
            ],
            &[exactly(HEX, 31)],
            DIGIT + ENDS,
        )])
        .hits(&["⟦SK{hex:32}⟧"])
        .misses(&["AC{hex:32}", "SK{hex:40}", "TASK{hex:32}"]),
    token("twitch", "Twitch", "stream key")
        .patterns(&[begins(&["live_"], &[Part::Run(DIGITS, 8, 12), text("_"), alnum(30)], SURE)])
        .hits(&["⟦live_{digits:9}_{alnum:30}⟧"])
        .misses(&["live_{digits:9}_{alnum:8}"]),
];
