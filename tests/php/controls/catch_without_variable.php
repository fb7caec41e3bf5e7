<?php

try {
    work();
} catch (RuntimeException) {
    stop();
}
