//! The names of providers, and values that such a name right before them makes keys of. Owns the list.

use crate::mask::context::values::judge::{self, Profile};

/// Providers whose keys have no prefix to find them by. Only names that are no ordinary words of code or prose.
/// Sorted, lowercase.
#[rustfmt::skip]
const PROVIDERS: &[&str] = &[
    "abuseipdb", "abyssale", "accuweather", "adafruit", "adobe", "adyen", "aeroworkflow", "ahrefs", "airbrake",
    "airtable", "airvisual", "alchemy", "alegra", "algolia", "alibaba", "aliyun", "allsports", "alphavantage",
    "amadeus", "amplitude", "anthropic", "anypoint", "apacta", "apideck", "apiflash", "apifonica", "apify",
    "apilayer", "appcues", "appfollow", "appointedd", "appoptics", "appsynergy", "apptivo", "artifactory",
    "artsy", "asana", "assemblyai", "atera", "atlassian", "auth0", "autodesk", "autoklose",
    "avazapersonalaccess", "aviationstack", "axonaut", "aylien", "ayrshare", "azure", "bannerbear",
    "baremetrics", "beamer", "beebole", "besnappy", "besttime", "billomat", "binance", "bingmaps", "bitbar",
    "bitbucket", "bitcoinaverage", "bitfinex", "bitly", "bitmex", "bitrise", "bittrex", "blazemeter", "blitapp",
    "blocknative", "bombbomb", "boostnote", "borgbase", "braintree", "brandfetch", "browserstack", "bscscan",
    "buddyns", "bugherd", "bugsnag", "buildkite", "bulksms", "buttercms", "caflou", "calendarific", "calendly",
    "calorieninja", "campayn", "cannyio", "capsulecrm", "carboninterface", "cashboard", "caspio", "censys",
    "centralstationcrm", "cexio", "chartmogul", "chatfule", "checio", "checklyhq", "checkvist", "circleci",
    "clarifai", "clearbit", "clickhelp", "clicksend", "clickup", "cliengo", "clockify", "clockworksms",
    "closecrm", "cloudconvert", "cloudelements", "cloudflare", "cloudimage", "cloudinary", "cloudmersive",
    "cloudplan", "cloudsmith", "cloverly", "clustdoc", "codacy", "codeclimate", "codecov", "codequiry",
    "cohere", "coinapi", "coinbase", "coinlayer", "coinlib", "coinmarketcap", "commercejs", "companyhub",
    "confluent", "contentful", "contentstack", "convertapi", "convertkit", "convier", "copper", "countrylayer",
    "courier", "coveralls", "craftmypdf", "crowdin", "cryptocompare", "currencycloud", "currencyfreaks",
    "currencylayer", "currencyscoop", "currentsapi", "customerguru", "customerio", "d7network", "dailyco",
    "dandelion", "databox", "databricks", "datadog", "datagov", "debounce", "deepai", "deepgram", "deepl",
    "deepseek", "deribit", "detectify", "detectlanguage", "dfuse", "diffbot", "digitalocean", "discogs",
    "discord", "dnscheck", "dockerhub", "documo", "docusign", "doppler", "dotdigital", "dovico", "dreamhost",
    "dribbble", "dronahq", "droneci", "dropbox", "dwolla", "dynalist", "dynatrace", "dyspatch",
    "eagleeyenetworks", "easyinsight", "ebay", "ecostruxureit", "edamam", "edenai", "eightxeight",
    "elasticemail", "elevenlabs", "enablex", "endorlabs", "etherscan", "ethplorer", "etsy", "eventbrite",
    "everhour", "exchangeratesapi", "exportsdk", "extractorapi", "facebook", "faceplusplus", "fastforex",
    "fastly", "fastspring", "fibery", "figma", "fileio", "finage", "financialmodelingprep", "findl", "finicity",
    "finnhub", "firecrawl", "fixerio", "flatio", "fleetbase", "flickr", "flightapi", "flightlabs",
    "flightstats", "flowflu", "fmfw", "formbucket", "formio", "formsite", "foursquare", "frameio", "freshbooks",
    "freshdesk", "fullstory", "fxmarket", "geckoboard", "gengo", "geoapify", "geocodify", "geocodio",
    "geoipifi", "getemail", "getgeoapi", "getgist", "getresponse", "getsandbox", "gitbook", "gitea", "github",
    "gitlab", "gitter", "glassnode", "gocanvas", "gocardless", "godaddy", "goodday", "grafana", "graphcms",
    "graphhopper", "groovehq", "groq", "gtmetrix", "guardianapi", "gumroad", "gyazo", "happyscribe",
    "hellosign", "helpcrunch", "helpscout", "hereapi", "heroku", "hetzner", "hiveage", "holidayapi", "html2pdf",
    "hubspot", "huggingface", "hybiscus", "hypertrack", "iconfinder", "iexapis", "iexcloud", "imagekit",
    "imagga", "infracost", "infura", "insightly", "instabug", "instagram", "instamojo", "intercom",
    "interseller", "intrinio", "invoiceocean", "ipapi", "ipgeolocation", "ipinfo", "ipinfodb", "ipquality",
    "ipregistry", "ipstack", "jira", "jiratoken", "jotform", "jumpcloud", "kaleyra", "kanbantool", "karmacrm",
    "keenio", "kickbox", "klaviyo", "klipfolio", "knapsackpro", "kontent", "kraken", "kucoin", "kylas",
    "langsmith", "languagelayer", "larksuite", "lastfm", "launchdarkly", "leadfeeder", "lemlist",
    "lemonsqueezy", "lendflow", "lessannoyingcrm", "lexigram", "linearapi", "linenotify", "linkedin",
    "linkpreview", "linode", "liveagent", "livestorm", "loadmill", "locationiq", "loggly", "loginradius",
    "lokalise", "looker", "loyverse", "lunchmoney", "macaddress", "madkudu", "magicbell", "mailboxlayer",
    "mailchimp", "mailerlite", "mailgun", "mailjet", "mailmodo", "mailsac", "mandrill", "mapbox", "mapquest",
    "marketstack", "mattermost", "mavenlink", "maxmind", "mediastack", "meistertask", "meraki", "mesibo",
    "messagebird", "metaapi", "metrilo", "midise", "mindmeister", "miro", "mistral", "mixmax", "mixpanel",
    "mockaroo", "monkeylearn", "moonclerk", "moosend", "moralis", "mrticktock", "mux", "myfreshworks",
    "myintervals", "nasdaqdatalink", "nethunt", "netlify", "netsuite", "neutrinoapi", "newrelic", "newsapi",
    "newscatcher", "nexmo", "nftport", "ngrok", "nicereply", "nightfall", "noticeable", "notion", "nozbeteams",
    "npmtoken", "numverify", "nutritionix", "nylas", "nytimes", "oanda", "okta", "omnisend", "onedesk",
    "onelogin", "onepagecrm", "onesignal", "onfleet", "oopspam", "openai", "opencagedata", "opengraphr",
    "openuv", "openvpn", "openweather", "openweathermap", "opsgenie", "overloop", "owlbot", "packagecloud",
    "pagarme", "pagerduty", "pandadoc", "pandascore", "paperform", "paralleldots", "parsehub", "parseur",
    "partnerstack", "passbase", "pastebin", "paydirtapp", "paymoapp", "paymongo", "paypal", "paystack",
    "pdflayer", "pdfshift", "peopledatalabs", "pepipost", "perplexity", "pexels", "photoroom",
    "phraseaccesstoken", "pinecone", "pipedream", "pipedrive", "pivotaltracker", "pixabay", "plaid",
    "planviewleankit", "planyo", "plivo", "podio", "pollsapi", "poloniex", "polygon", "positionstack",
    "postageapp", "postbacks", "posthog", "postman", "postmark", "powrbot", "prefect", "prodpad", "profitwell",
    "projectplace", "proxycrawl", "pubnub", "purestake", "pushbullet", "pusher", "pushover", "qase", "qualaroo",
    "qubole", "rapidapi", "rawg", "razorpay", "reachmail", "reallysimplesystems", "rebrandly",
    "rechargepayments", "redditclient", "rentman", "repairshopr", "replicate", "restpack", "revampcrm",
    "ringcentral", "ritekit", "roaring", "rocketreach", "rollbar", "roninapp", "route4me", "rownd", "runrunit",
    "salesblink", "salescookie", "salesflare", "salesforce", "salesloft", "salesmate", "satismeter",
    "saucelabs", "scaleway", "scalingo", "scraperapi", "scraperbox", "scrapestack", "scrapfly", "scrapingant",
    "scrapingbee", "screenshotapi", "screenshotlayer", "scrutinizer", "securitytrails", "selectpdf", "sendbird",
    "sendgrid", "sendinblue", "sentry", "serphouse", "serpstack", "sheety", "sherpadesk", "shipday", "shippo",
    "shodan", "shopify", "shotstack", "shutterstock", "signable", "signalwire", "signaturit", "signupgenius",
    "sigopt", "simfin", "simplesat", "simplynoted", "simvoly", "sinchmessage", "sirv", "siteleaf", "skrappio",
    "skybiometry", "slack", "smartsheets", "smartystreets", "smooch", "snipcart", "snowflake", "snyk",
    "sonarcloud", "sonarqube", "sourcegraph", "sparkpost", "speechtextai", "splunk", "spoonacular",
    "sportsmonk", "spotify", "square", "squarespace", "squareup", "sslmate", "statuscake", "statuspage",
    "statuspal", "stitchdata", "stockdata", "storecove", "stormboard", "stormglass", "storyblok", "storychief",
    "strava", "stripe", "stytch", "sugester", "sumologic", "supabase", "supernotes", "surveyanyplace",
    "surveybot", "surveysparrow", "survicate", "swiftype", "tallyfy", "tatumio", "taxjar", "teamgate",
    "teamviewer", "teamwork", "telegram", "telnyx", "tencent", "testingbot", "textmagic", "theoddsapi",
    "thinkific", "thousandeyes", "ticketmaster", "tickettailor", "tiingo", "timecamp", "timezoneapi",
    "tineswebhook", "tmetric", "todoist", "toggl", "tomorrowio", "tomtom", "tradier", "transferwise",
    "travelpayouts", "travis", "travisci", "trello", "trufflehog", "twelvedata", "twilio", "twitch", "twitter",
    "tyntec", "typeform", "typetalk", "ubidots", "uclassify", "unifyid", "unplugg", "unsplash", "upcdatabase",
    "uplead", "uploadcare", "uptimerobot", "upwave", "urlscan", "userflow", "userstack", "vatlayer", "vbout",
    "vercel", "verimail", "veriphone", "versioneye", "viewneo", "virustotal", "visualcrossing", "voicegain",
    "vonage", "vouchery", "vpnapi", "vultr", "vyte", "wakatime", "walkscore", "weatherbit", "weatherstack",
    "webex", "webflow", "webscraper", "webscraping", "wepay", "whoxy", "wistia", "workato", "worksnaps",
    "workstack", "worldcoinindex", "worldweather", "wrike", "yandex", "yelp", "youneedabudget", "yousign",
    "youtube", "zapier", "zendesk", "zenkit", "zenrows", "zenscrape", "zenserp", "zeplin", "zerobounce",
    "zerotier", "zipapi", "zipbooks", "zipcodeapi", "zipcodebase", "zonkafeedback", "zoom", "zulip",
];

/// Whether `word` is in the list, in any case.
pub(crate) fn is_provider(word: &[u8]) -> bool {
    if !(3..=24).contains(&word.len()) {
        return false;
    }
    let mut folded = [0; 24];
    folded[..word.len()].copy_from_slice(word);
    folded[..word.len()].make_ascii_lowercase();
    let folded = &folded[..word.len()];
    PROVIDERS.binary_search_by(|name| name.as_bytes().cmp(folded)).is_ok()
}

/// Whether `value`, which stands in quotes right after `name`, is a key by the name alone: a provider's, or `x_pat`.
pub(crate) fn is_named_by_provider(name: &[u8], value: &[u8]) -> bool {
    /// What else stands under a provider's name: ids of things there, commits of what is hosted there.
    const OTHERWISE: &[&str] = &[
        "id",
        "ids",
        "sha",
        "hash",
        "commit",
        "digest",
        "url",
        "uri",
        "version",
        "rev",
        "ref",
        "index",
        "project",
        "user",
        "username",
        "org",
        "team",
        "image",
        "file",
        "cache",
        "checksum",
        "fingerprint",
        "public",
        "github",
        "gitlab",
        "bitbucket",
        "uuid",
        "session",
        "request",
        "trace",
        "etag",
        "name",
        "path",
        "test",
    ];
    let (mut is_known, mut last) = (false, &name[..0]);
    for word in name.split(|byte| !byte.is_ascii_alphanumeric()).flat_map(humps) {
        if OTHERWISE.iter().any(|other| word.eq_ignore_ascii_case(other.as_bytes())) {
            return false;
        }
        is_known |= is_provider(word);
        last = word;
    }
    let profile = Profile::of(value);
    let floor = if value.iter().all(u8::is_ascii_hexdigit) { 3.0 } else { 3.4 };
    (is_known || last.len() < name.len() && last.eq_ignore_ascii_case(b"pat"))
        && profile.digits >= 2
        && profile.letters >= 2
        && profile.entropy >= floor
        && !judge::is_never_secret(value)
        && !judge::is_wordlike(value)
}

/// The words of `twitterApi`.
fn humps(word: &[u8]) -> impl Iterator<Item = &[u8]> {
    word.chunk_by(|one, next| !(one.is_ascii_lowercase() && next.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_providers_are_sorted_and_lowercase() {
        assert!(PROVIDERS.is_sorted());
        assert!(
            PROVIDERS
                .iter()
                .all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
        );
    }
}
