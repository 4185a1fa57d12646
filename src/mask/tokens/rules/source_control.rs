//! Source hosting, package registries and code analysis.

use crate::mask::tokens::shapes::sign;
use crate::mask::tokens::vocabulary::*;

const ROUTABLE: Part =
    Part::Maybe(&[text("."), exactly(LOWER, 2), Part::Maybe(&[text(".")]), Part::Run(LOWER, 7, 9)]);

pub(crate) const TOKENS: &[Token] = &[
    token("github-classic", "GitHub", "personal access token (classic), OAuth, user or refresh token")
        .rotate("https://github.com/settings/tokens")
        .keeps_literal()
        .patterns(&[begins(&["ghp_", "gho_", "ghu_", "ghr_"], &[word(36)], DENSE)])
        .hits(&["⟦ghp_{alnum:36}⟧", "⟦gho_{alnum:36}⟧", "⟦ghu_{alnum:36}⟧", "⟦ghr_{alnum:76}⟧"])
        .misses(&["ghp_{alnum:20}", "xghp_{alnum:36}", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]),
    token("github-server", "GitHub", "app installation token")
        .rotate("https://github.com/settings/installations")
        .keeps_literal()
        .patterns(&[begins(
            &["ghs_"],
            &[exactly(ALNUM, 1), Part::Run(WORD.or(ByteClass::of(".")), 35, MANY)],
            DENSE,
        )])
        .hits(&["⟦ghs_{alnum:36}⟧", "⟦ghs_{digits:7}_eyJ{alnum:60}.eyJ{alnum:200}.{base64url:200}⟧"])
        .misses(&["ghs_refresh_token_rotates_every_hour_and_so_on_and_on()"]),
    token("github-fine", "GitHub", "fine-grained personal access token")
        .rotate("https://github.com/settings/personal-access-tokens")
        .placeholder("github_pat_***MASKED***")
        .patterns(&[begins(&["github_pat_"], &[word(36)], DENSE)])
        .hits(&["⟦github_pat_{alnum:22}_{alnum:59}⟧"])
        .misses(&["github_pat_{alnum:20}", "github_pat_of_the_release_job_with_1_very_long_name"]),
    token("gitlab", "GitLab", "personal, deploy, runner, trigger, job, feed or agent token")
        .rotate("https://gitlab.com/-/user_settings/personal_access_tokens")
        .keeps_literal()
        .patterns(&[begins(
            &[
                "glpat-", "gldt-", "glrt-", "glrtr-", "glptt-", "glcbt-", "glft-", "glsoat-", "gloas-",
                "glagent-", "glimt-", "glffct-", "glwt-",
            ],
            &[word(16), ROUTABLE],
            DIGIT,
        )])
        .hits(&[
            "⟦glpat-{base64url:20}⟧",
            "⟦glpat-{base64url:27}.01.{lower:9}⟧",
            "⟦gldt-{alnum:20}⟧",
            "⟦glrt-{alnum:20}⟧",
            "⟦glrtr-{alnum:20}⟧",
            "⟦glptt-{hex:40}⟧",
            "⟦glcbt-{alnum:20}⟧",
            "⟦glft-{alnum:20}⟧",
            "⟦glsoat-{alnum:20}⟧",
            "⟦gloas-{hex:64}⟧",
            "⟦glagent-{alnum:50}⟧",
            "⟦glimt-{alnum:25}⟧",
            "⟦glffct-{alnum:20}⟧",
            "⟦glwt-{alnum:20}⟧",
        ])
        .misses(&["glpat-{alnum:8}", "xglpat-{alnum:20}", "glpat-token-for-the-nightly-job"]),
    token("gitlab-reg", "GitLab", "runner registration token (old)")
        .patterns(&[begins(&["GR1348941"], &[word(20)], SURE)])
        .hits(&["⟦GR1348941{alnum:20}⟧"])
        .misses(&["GR1348941{alnum:8}"]),
    token("gitlab-session", "GitLab", "session cookie")
        .patterns(&[begins(&["_gitlab_session="], &[lower(32)], DIGIT).keeps_literal()])
        .hits(&["_gitlab_session=⟦{hex:32}⟧; path"])
        .misses(&["_gitlab_session={hex:12}"]),
    token("bitbucket", "Bitbucket", "app password or access token")
        .rotate("https://bitbucket.org/account/settings/app-passwords")
        .patterns(&[
            begins(&["ATBB", "BBDC-"], &[Part::Run(WORD.or(BASE64), 28, MANY)], MIXED),
            begins(&["ATCTT3xFfG"], &[Part::Run(WORD.or(ByteClass::of("=")), 28, MANY)], DIGIT),
        ])
        .hits(&["⟦ATBB{alnum:32}⟧", "⟦BBDC-{alnum:44}⟧", "⟦ATCTT3xFfG{base64url:170}={HEX:8}⟧"])
        .misses(&["ATBB{alnum:12}", "ATBB{upper:32}"]),
    token("atlassian", "Atlassian", "API token")
        .rotate("https://id.atlassian.com/manage-profile/security/api-tokens")
        .patterns(&[begins(&["ATATT3"], &[Part::Run(WORD.or(ByteClass::of("=")), 50, MANY)], SURE)])
        .hits(&["⟦ATATT3xFfGF0{base64url:170}={HEX:8}⟧"])
        .misses(&["ATATT3{alnum:20}"]),
    token("sourcegraph", "Sourcegraph", "access token")
        .patterns(&[
            begins(&["sgp_", "slk_"], &[Part::Run(ANY_HEX, 40, MANY)], DIGIT),
            begins(&["sgp_"], &[exactly(ANY_HEX, 16), text("_"), Part::Run(ANY_HEX, 40, MANY)], DIGIT),
            begins(&["sgp_local_"], &[Part::Run(ANY_HEX, 40, MANY)], DIGIT),
        ])
        .hits(&["⟦sgp_{hex:40}⟧", "⟦sgp_{hex:16}_{hex:40}⟧", "⟦sgp_local_{hex:40}⟧", "⟦slk_{hex:64}⟧"])
        .misses(&["sgp_{hex:20}"]),
    token("snyk", "Snyk", "access token")
        .rotate("https://app.snyk.io/account")
        .shape(Shape::Run(Glance::AfterStop, sign::snyk))
        .hits(&["⟦snyk_uat.{hex:8}.{base64url:60}⟧", "⟦snyk_sat.{alnum:40}⟧"])
        .misses(&["snyk_uat.{hex:8}"]),
    token("npm", "npm", "access token")
        .patterns(&[begins(&["npm_"], &[alnum(36)], DIGIT)])
        .hits(&["⟦npm_{alnum:36}⟧"])
        .misses(&["npm_config_registry_url_of_the_internal_mirror_1", "npm_{alnum:20}", "pnpm_{alnum:36}"]),
    token("pypi", "PyPI", "API token")
        .patterns(&[
            begins(&["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"], &[word(50)], SURE),
            begins(&["pypi-"], &[word(85)], DENSE),
        ])
        .hits(&[
            "⟦pypi-AgEIcHlwaS5vcmc{base64url:120}⟧",
            "⟦pypi-AgENdGVzdC5weXBpLm9yZw{base64url:120}⟧",
            "⟦pypi-{base64url:150}⟧",
        ])
        .misses(&[
            "pypi-{alnum:30}",
            "pypi-publish-with-trusted-publishing-and-attestations-in-one-step-for-all-of-our-packages-1",
        ]),
    token("rubygems", "RubyGems", "API key")
        .patterns(&[begins(&["rubygems_"], &[hex(48)], SURE)])
        .hits(&["⟦rubygems_{hex:48}⟧"])
        .misses(&["rubygems_{hex:20}"]),
    token("crates", "the Rust package registry", "API token")
        .patterns(&[begins(&["cio"], &[exactly(ALNUM, 32)], MIXED + ENDS)])
        .hits(&["⟦cio{alnum:32}⟧"])
        .misses(&["cio{lower:32}", "cio{alnum:40}", "xcio{alnum:32}"]),
    token("nuget", "NuGet", "API key")
        .rotate("https://www.nuget.org/account/apikeys")
        .patterns(&[begins(&["oy2"], &[exactly(LOWER, 43)], DIGIT + ENDS)])
        .hits(&["⟦oy2{lower:43}⟧"])
        .misses(&["oy2{lower:60}"]),
    token("clojars", "Clojars", "deploy token")
        .rotate("https://clojars.org/tokens")
        .patterns(&[begins(&["CLOJARS_"], &[lower(60)], SURE)])
        .hits(&["⟦CLOJARS_{lower:60}⟧"])
        .misses(&["CLOJARS_{lower:20}"]),
    token("dockerhub", "Docker", "Hub personal or organisation access token")
        .rotate("https://app.docker.com/settings/personal-access-tokens")
        .patterns(&[begins(&["dckr_pat_", "dckr_oat_"], &[word(27)], SURE)])
        .hits(&["⟦dckr_pat_{base64url:27}⟧", "⟦dckr_oat_{base64url:32}⟧"])
        .misses(&["dckr_pat_{alnum:12}"]),
    token("jfrog", "JFrog", "Artifactory API key or reference token")
        .patterns(&[begins(&["AKCp", "cmVmdGtu"], &[alnum(56)], MIXED)])
        .hits(&["⟦AKCp{alnum:69}⟧", "⟦cmVmdGtu{alnum:56}⟧"])
        .misses(&["AKCp{alnum:30}", "xAKCp{alnum:69}"]),
    token("cloudsmith", "Cloudsmith", "API key")
        .patterns(&[begins(&["csa_"], &[exactly(HEX, 30), alnum(6)], DIGIT)])
        .hits(&["⟦csa_{hex:30}{alnum:6}⟧"])
        .misses(&["csa_{hex:20}"]),
];
