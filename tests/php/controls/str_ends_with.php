<?php

if (!STR_ENDS_WITH($text, "a")) {
    exit;
}
