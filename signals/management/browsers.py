"""What do browsers of ordinary learners call themselves? 200 agents, so that no person is a bot.

Put together from the forms that each browser's maker documents, over the systems they run on:
desks, telephones and tablets, browsers inside other apps, the Moodle app, older versions, and
telephones by makers whose name ends in bot.
"""

_WINDOWS = ("Windows NT 10.0; Win64; x64", "Windows NT 10.0; WOW64", "Windows NT 6.1; Win64; x64")
_MAC = ("Macintosh; Intel Mac OS X 10_15_7", "Macintosh; Intel Mac OS X 14_6_1")
_LINUX = ("X11; Linux x86_64", "X11; CrOS x86_64 14541.0.0")
_DESKS = (*_WINDOWS, *_MAC, *_LINUX)
_PHONES = (
    "Linux; Android 10; K",
    "Linux; Android 14; Pixel 8",
    "Linux; Android 13; SM-A536B",
    "Linux; Android 12; CUBOT P50",
    "Linux; Android 11; CUBOT NOTE 20",
    "Linux; Android 9; Redmi Note 8",
    "Linux; Android 8.1.0; Moto G (5S)",
)
_APPLE = (
    "iPhone; CPU iPhone OS 17_6_1 like Mac OS X",
    "iPhone; CPU iPhone OS 15_8 like Mac OS X",
    "iPad; CPU OS 16_7 like Mac OS X",
)
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"

_ON_DESKS = (  # of Chromium; what stands after its own version
    "Safari/537.36",
    "Safari/537.36 Edg/{v}.0.0.0",
    "Safari/537.36 OPR/{o}.0.0.0",
    "Safari/537.36 Vivaldi/7.0.3495.29",
    "YaBrowser/24.10.0.0 Safari/537.36",
)
_ON_PHONES = (
    "Mobile Safari/537.36",
    "Mobile Safari/537.36 EdgA/{v}.0.0.0",
    "Mobile Safari/537.36 OPR/{o}.0.0.0",
)
_ON_APPLE = (
    "Version/17.6 Mobile/15E148 Safari/604.1",
    "CriOS/{v}.0.6723.90 Mobile/15E148 Safari/604.1",
    "FxiOS/{v}.0 Mobile/15E148 Safari/605.1.15",
    "EdgiOS/{v}.0.2903.68 Version/17.0 Mobile/15E148 Safari/604.1",
    "Version/17.6 Mobile/15E148 Safari/604.1 Ddg/17.6",
)
_SINGLE = (
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko)"
    " SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; U; Android 12; en-US; Redmi Note 9) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.5.0.1313 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; U; Android 13; en-us; 2201117TG) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.5.0-gn",
    "Mozilla/5.0 (Linux; Android 13; SM-A127F; wv) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/129.0.6668.100 Mobile Safari/537.36 MoodleMobile 4.5.0 (45000)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/15E148 MoodleMobile 4.4.1 (44100)",
    "Mozilla/5.0 (Linux; Android 14; Pixel 7 Build/AP2A.240905.003; wv) AppleWebKit/537.36 (KHTML,"
    " like Gecko) Version/4.0 Chrome/129.0.6668.70 Mobile Safari/537.36"
    " [FB_IAB/FB4A;FBAV/484.0.0.63.84;]",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/21G93 Instagram 350.0.0.25.93 (iPhone15,2; iOS 17_6_1; en_GB; en; scale=3.00)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) GSA/337.0.680067931 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Silk/108.4.6 like Chrome/108.0.5359.220 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x18003130) NetType/WIFI Language/en",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
)


def _chromium(version: int) -> list[str]:
    opera = version - 14
    core = f"{_BLINK} Chrome/{version}.0.0.0"
    desks = [
        f"Mozilla/5.0 ({system}) {core} {rest.format(v=version, o=opera)}"
        for system in _DESKS
        for rest in _ON_DESKS
    ]
    phones = [
        f"Mozilla/5.0 ({system}) {core} {rest.format(v=version, o=opera)}"
        for system in _PHONES
        for rest in _ON_PHONES
    ]
    return desks + phones


def _others(version: int) -> list[str]:
    firefox = [
        f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
        for system in (*_WINDOWS, "Macintosh; Intel Mac OS X 10.15", "X11; Ubuntu; Linux x86_64")
    ]
    safari = [f"Mozilla/5.0 ({mac}) {_WEBKIT} Version/17.6 Safari/605.1.15" for mac in _MAC]
    apple = [
        f"Mozilla/5.0 ({system}) {_WEBKIT} {rest.format(v=version)}"
        for system in _APPLE
        for rest in _ON_APPLE
    ]
    return firefox + safari + apple


ORDINARY = tuple(
    dict.fromkeys(
        (*_SINGLE, *_chromium(131), *_others(132), *_others(115), *_chromium(109), *_chromium(142))
    )
)[:200]
