//! Language models, search for them, and the tools around them.

use crate::mask::rule::Specificity;
use crate::mask::tokens::vocabulary::*;

pub(crate) const TOKENS: &[Token] = &[
    token("anthropic-key", "Anthropic", "API, admin, OAuth or session key")
        .rotate("https://console.anthropic.com/settings/keys")
        .placeholder("sk-ant-***MASKED***")
        .patterns(&[
            begins(
                &["sk-ant-"],
                &[Part::Run(ByteClass::of("a-z"), 2, 10), exactly(DIGITS, 2), text("-"), word(20)],
                SURE,
            ),
            begins(&["sk-ant-"], &[word(20)], DENSE),
        ])
        .hits(&["⟦sk-ant-api03-{base64url:93}AA⟧", "⟦sk-ant-oat01-{base64url:80}⟧", "⟦sk-ant-{alnum:40}⟧"])
        .misses(&[
            "sk-ant-colony-simulation-with-many-ants",
            "sk-ant-api03-{alnum:8}",
            "ask-ant-api03-{alnum:60}",
        ]),
    token("openai-project", "OpenAI", "project, service account or admin key")
        .rotate("https://platform.openai.com/api-keys")
        .placeholder("sk-***MASKED***")
        .patterns(&[begins(
            &["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-service-", "sk-None-"],
            &[word(20)],
            DENSE,
        )])
        .hits(&[
            "⟦sk-proj-{base64url:74}T3BlbkFJ{base64url:74}⟧",
            "⟦sk-svcacct-{alnum:40}⟧",
            "⟦sk-admin-{alnum:40}⟧",
            "⟦sk-service-{alnum:40}⟧",
            "⟦sk-None-{alnum:40}⟧",
        ])
        .misses(&["sk-proj-settings-for-the-new-billing-page", "desk-proj-{alnum:40}"]),
    token("openai-legacy", "OpenAI", "user key (before 2024)")
        .rotate("https://platform.openai.com/api-keys")
        .placeholder("sk-***MASKED***")
        .patterns(&[begins(&["sk-"], &[exactly(ALNUM, 20), text("T3BlbkFJ"), alnum(20)], SURE)])
        .hits(&["⟦sk-{alnum:20}T3BlbkFJ{alnum:20}⟧"])
        .misses(&["disk-{alnum:20}T3BlbkFJ{alnum:20}"]),
    token("sk-generic", "several", "API key of DeepSeek, Moonshot, Stability, DashScope, LiteLLM and others")
        .specificity(Specificity::Family)
        .placeholder("sk-***MASKED***")
        .patterns(&[begins(&["sk-"], &[word(20)], DENSE)])
        .hits(&["⟦sk-{hex:32}⟧", "⟦sk-{alnum:48}⟧", "⟦sk-{lower:24}⟧"])
        .misses(&[
            "task-refactor-the-authentication-module-v2",
            "/home/u/desk-booking-service-with-a-long-name",
            ".sk-circle-fade-dot-animation-container-large{}",
            "sk-{alnum:12}",
        ]),
    token("openrouter", "OpenRouter", "API key")
        .rotate("https://openrouter.ai/settings/keys")
        .placeholder("sk-***MASKED***")
        .patterns(&[begins(&["sk-or-v1-", "sk-or-"], &[word(32)], DENSE)])
        .hits(&["⟦sk-or-v1-{hex:64}⟧", "⟦sk-or-{alnum:48}⟧"])
        .misses(&["sk-or-something-else-that-is-only-a-long-name"]),
    token("minimax", "MiniMax", "API key")
        .placeholder("sk-***MASKED***")
        .patterns(&[begins(&["sk-api-"], &[word(60)], DENSE)])
        .hits(&["⟦sk-api-{base64url:119}⟧"])
        .misses(&["sk-api-client-generator-for-the-internal-gateway-and-its-many-tests-and-tools"]),
    token("langfuse", "Langfuse", "secret key")
        .placeholder("sk-***MASKED***")
        .patterns(&[begins(&["sk-lf-"], UUID, SURE)])
        .hits(&["⟦sk-lf-{uuid}⟧"])
        .misses(&["pk-lf-{uuid}", "sk-lf-{hex:8}"]),
    token("groq", "Groq", "API key")
        .rotate("https://console.groq.com/keys")
        .patterns(&[begins(&["gsk_"], &[alnum(40)], DIGIT)])
        .hits(&["⟦gsk_{alnum:52}⟧"])
        .misses(&["gsk_{alnum:20}", "xgsk_{alnum:52}", "gsk_register_all_known_handlers_at_once_please"]),
    token("xai", "xAI", "API key")
        .rotate("https://console.x.ai")
        .patterns(&[begins(&["xai-"], &[exactly(ALNUM, 1), word(69)], DENSE)])
        .hits(&["⟦xai-{alnum:80}⟧"])
        .misses(&[
            "xai-provider-disk-client-with-a-name-so-long-that-it-fills-more-than-seventy-bytes",
            "xai-{alnum:40}",
        ]),
    token("huggingface", "Hugging Face", "user or organisation token")
        .rotate("https://huggingface.co/settings/tokens")
        .patterns(&[begins(&["hf_", "api_org_"], &[alnum(30)], CASES)])
        .hits(&["⟦hf_{letters:34}⟧", "⟦api_org_{alnum:34}⟧"])
        .misses(&["hf_hub_download_with_retry_and_more_words", "hf_{alnum:12}", "shf_{alnum:34}"]),
    token("replicate", "Replicate", "API token")
        .rotate("https://replicate.com/account/api-tokens")
        .patterns(&[begins(&["r8_"], &[word(37)], DENSE)])
        .hits(&["⟦r8_{alnum:37}⟧"])
        .misses(&["r8_{alnum:20}", "r8_unorm_texture_format_with_a_really_long_name"]),
    token("perplexity", "Perplexity", "API key")
        .rotate("https://www.perplexity.ai/settings/api")
        .patterns(&[begins(&["pplx-"], &[alnum(40)], SURE)])
        .hits(&["⟦pplx-{alnum:48}⟧"])
        .misses(&["pplx-7b-online-with-a-long-model-name-to-test", "pplx-{alnum:16}"]),
    token("fireworks", "Fireworks AI", "API key")
        .rotate("https://fireworks.ai/account/api-keys")
        .patterns(&[begins(&["fw_"], &[alnum(22)], MIXED)])
        .hits(&["⟦fw_{alnum:24}⟧"])
        .misses(&["fw_update_all_the_rules_in_the_table", "fw_{lower:24}", "hfw_{alnum:24}"]),
    token("cerebras", "Cerebras", "API key")
        .patterns(&[begins(&["csk-"], &[lower(40)], DIGIT)])
        .hits(&["⟦csk-{lower:48}⟧"])
        .misses(&["csk-{lower:20}", "desk-csk-with-a-long-name-that-goes-on-and-on-and-on"]),
    token("nvidia", "NVIDIA", "NGC or NIM API key")
        .rotate("https://org.ngc.nvidia.com/setup/api-keys")
        .patterns(&[begins(&["nvapi-"], &[word(60)], DIGIT)])
        .hits(&["⟦nvapi-{base64url:64}⟧"])
        .misses(&["nvapi-{alnum:30}"]),
    token("together", "Together AI", "API key")
        .patterns(&[begins(&["tgp_v1_"], &[word(40)], SURE)])
        .hits(&["⟦tgp_v1_{base64url:43}⟧"])
        .misses(&["tgp_v1_{alnum:20}"]),
    token("tavily", "Tavily", "API key")
        .patterns(&[begins(&["tvly-"], &[word(28)], DIGIT)])
        .hits(&["⟦tvly-{alnum:32}⟧", "⟦tvly-dev-{alnum:32}⟧"])
        .misses(&["tvly-{alnum:12}", "tvly-search-client-for-the-research-agent"]),
    token("firecrawl", "Firecrawl", "API key")
        .patterns(&[begins(&["fc-"], &[exactly(HEX, 32)], DIGIT + ENDS)])
        .hits(&["⟦fc-{hex:32}⟧"])
        .misses(&["fc-{hex:40}", "fc-{hex:20}", "abc-{hex:32}"]),
    token("jina", "Jina AI", "API key")
        .patterns(&[begins(&["jina_"], &[alnum(60)], SURE)])
        .hits(&["⟦jina_{alnum:60}⟧"])
        .misses(&["jina_{alnum:20}"]),
    token("brave-search", "Brave Search", "API key")
        .patterns(&[begins(&["BSA"], &[Part::Run(WORD, 24, 31)], MIXED + DENSE + ENDS)])
        .hits(&["⟦BSA{alnum:28}⟧"])
        .misses(&["BSA{alnum:60}", "BSA{upper:28}"]),
    token("langsmith", "LangSmith", "personal or service key")
        .rotate("https://smith.langchain.com/settings")
        .patterns(&[begins(&["lsv2_pt_", "lsv2_sk_"], &[exactly(HEX, 32), text("_"), hex(10)], SURE)])
        .hits(&["⟦lsv2_pt_{hex:32}_{hex:10}⟧", "⟦lsv2_sk_{hex:32}_{hex:10}⟧"])
        .misses(&["lsv2_pt_{hex:20}"]),
    token("pinecone", "Pinecone", "API key")
        .rotate("https://app.pinecone.io")
        .patterns(&[begins(&["pcsk_"], &[Part::Run(ALNUM, 5, 6), text("_"), alnum(60)], SURE)])
        .hits(&["⟦pcsk_{alnum:5}_{alnum:63}⟧"])
        .misses(&["pcsk_{alnum:5}_{alnum:20}"]),
    token("wandb-v1", "Weights & Biases", "API key")
        .rotate("https://wandb.ai/authorize")
        .patterns(&[begins(&["wandb_v1_"], &[word(60)], DIGIT)])
        .hits(&["⟦wandb_v1_{alnum:77}⟧"])
        .misses(&["wandb_v1_{alnum:20}"]),
    token("elevenlabs", "ElevenLabs", "API key")
        .rotate("https://elevenlabs.io/app/settings/api-keys")
        .patterns(&[begins(&["sk_"], &[exactly(HEX, 48)], DIGIT + ENDS)])
        .hits(&["⟦sk_{hex:48}⟧"])
        .misses(&["sk_{hex:40}", "disk_{hex:48}", "sk_buff_head_init_with_a_really_long_function_name"]),
    token("cursor", "Cursor", "user API key")
        .rotate("https://cursor.com/dashboard")
        .patterns(&[begins(&["key_"], &[exactly(HEX, 64)], DIGIT + ENDS)])
        .hits(&["⟦key_{hex:64}⟧"])
        .misses(&["key_{hex:40}", "cache_key_{hex:64}"]),
    token("devin", "Devin", "API key")
        .patterns(&[begins(&["apk_user_"], &[base64(52)], DIGIT), begins(&["cog_"], &[alnum(52)], DIGIT)])
        .hits(&["⟦apk_user_{alnum:120}==⟧", "⟦cog_{alnum:52}⟧"])
        .misses(&["cog_{alnum:30}", "apk_user_{alnum:20}"]),
    token("voyage", "Voyage AI", "API key")
        .patterns(&[begins(&["pa-"], &[exactly(WORD, 43)], DENSE + MIXED + ENDS).near("voyage")])
        .hits(&["VOYAGE_API_KEY=⟦pa-{alnum:43}⟧"])
        .misses(&["other=pa-{alnum:43}", "voyage spa-{alnum:43}"]),
    token("vercel-gw", "Vercel", "AI gateway key")
        .patterns(&[begins(&["vck_"], &[word(24)], DIGIT + DENSE)])
        .hits(&["⟦vck_{alnum:56}⟧"])
        .misses(&["vck_{alnum:12}", "vck_enable_all_2_clocks_of_the_board"]),
    token("llamacloud", "LlamaCloud", "API key")
        .patterns(&[begins(&["llx-"], &[alnum(40)], SURE)])
        .hits(&["⟦llx-{alnum:48}⟧"])
        .misses(&["llx-{alnum:20}"]),
    token("context7", "Context7", "API key")
        .patterns(&[begins(&["ctx7sk-"], &[word(30)], DIGIT)])
        .hits(&["⟦ctx7sk-{uuid}⟧"])
        .misses(&["ctx7sk-{alnum:12}"]),
    token("e2b-unkey", "E2B, Unkey", "API key")
        .patterns(&[begins(&["e2b_", "unkey_"], &[alnum(20)], DIGIT)])
        .hits(&["⟦e2b_{hex:40}⟧", "⟦unkey_{alnum:24}⟧"])
        .misses(&["e2b_sandbox_template_with_code_interpreter", "unkey_{alnum:10}"]),
    token("codex-refresh", "OpenAI", "OAuth refresh token (Codex)")
        .patterns(&[begins(&["rt_"], &[word(40), Part::Maybe(&[text("."), word(20)])], DENSE)])
        .hits(&["⟦rt_{base64url:60}⟧", "⟦rt_{alnum:45}.{alnum:43}⟧"])
        .misses(&["rt_mutex_lock_interruptible_nested_with_a_long_name", "art_{alnum:60}", "rt_{alnum:24}"]),
];
