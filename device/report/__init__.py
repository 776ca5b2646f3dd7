"""The consultant's two pages: what a span of days comes to (`account`), in words (`said`), on the sheet (`sheet`).

The sheet and its style are the page's files; dashboards/web/js/report says the same, in English, from what it heard.
"""
